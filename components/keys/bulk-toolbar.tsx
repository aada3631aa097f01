'use client'

import { Button } from '#components/ui/button.tsx'
import { Toolbar } from '#components/ui/toolbar.tsx'
import { formatCount } from '#lib/format/count.ts'
import { type KeyOperation, keyOperations, operationWords } from '#lib/kms/model/key-state.ts'
import { reachOf, type Selection, selectedCount } from './selection.ts'

/** What can be done with the ticked keys: each button with the number it will act on, or why it acts on none. */
export function BulkToolbar({
  selection,
  planning,
  counting,
  onStart,
  onNear,
}: {
  selection: Selection
  /** The operation whose plan is being made. */
  planning: KeyOperation | null
  /** The selection is about to become all that match: a button that still said the old number would mislead. */
  counting: boolean
  onStart: (operation: KeyOperation, keys: number) => void
  /** The pointer or the focus comes near: a good moment to fetch the dialog. */
  onNear: () => void
}) {
  const none = selectedCount(selection) === 0
  return (
    <Toolbar label="Selected keys" className={none ? 'max-md:hidden' : 'max-md:grid! max-md:grid-cols-2'}>
      {keyOperations.map((operation) => {
        const { acts, cannot } = reachOf(selection, operation)
        const reason = whyNot(none, counting) ?? (acts === 0 ? cannot : null)
        return (
          <Button
            key={operation}
            reason={reason}
            note={cannot}
            pending={planning === operation}
            onClick={() => onStart(operation, acts)}
            onPointerEnter={onNear}
            onFocus={onNear}
          >
            {acts > 0 ? `${operationWords[operation]} (${formatCount(acts)})` : operationWords[operation]}
          </Button>
        )
      })}
    </Toolbar>
  )
}

function whyNot(none: boolean, counting: boolean): string | null {
  if (counting) return 'The matching keys are being counted'
  return none ? 'Select keys first' : null
}
