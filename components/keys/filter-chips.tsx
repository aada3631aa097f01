'use client'

import { Button } from '#components/ui/button.tsx'
import { Chip } from '#components/ui/chip.tsx'
import type { KeyListInput } from '#lib/kms/model/inputs/key-filter.ts'
import type { Term } from './filter-terms.ts'

/** The conditions of the filter, all of which hold. */
export function FilterChips({
  terms,
  onChange,
  onClear,
}: {
  terms: readonly Term[]
  onChange: (list: KeyListInput) => void
  /** Left out where the same button stands elsewhere on the page. */
  onClear?: (() => void) | undefined
}) {
  return (
    <div className="flex flex-wrap items-center gap-1.5 pb-2">
      <ul aria-label="Filters in use" className="contents">
        {terms.map((term) => (
          <li key={term.id} className="flex max-w-full">
            <Chip label={term.label} onRemove={() => onChange(term.without)} />
          </li>
        ))}
      </ul>
      {onClear && (
        <Button variant="quiet" className="h-7!" onClick={onClear}>
          Clear filter
        </Button>
      )}
    </div>
  )
}
