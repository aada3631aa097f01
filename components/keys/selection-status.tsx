'use client'

import { X } from 'lucide-react'
import { announce } from '#components/ui/announcement.ts'
import { Button } from '#components/ui/button.tsx'
import { formatCount } from '#lib/format/count.ts'
import { filterOf } from '#lib/key-list-url.ts'
import type { KeyListInput } from '#lib/kms/model/inputs/key-filter.ts'
import type { KeyPage } from '#lib/kms/model/views.ts'
import { fetchStateCounts } from './fetch-state-counts.ts'
import { generalRefusals, type Selection, selectedCount, selectionWords } from './selection.ts'

/** How many keys are ticked and where, with the way to all that match and back to none. */
export function SelectionStatus({
  list,
  page,
  selection,
  counting,
  onCounting,
  onSelect,
  onClear,
}: {
  list: KeyListInput
  page: KeyPage
  selection: Selection
  /** All that match are being counted; until then nothing may be done to what was ticked before. */
  counting: boolean
  onCounting: (counting: boolean) => void
  onSelect: (selection: Selection) => void
  onClear: () => void
}) {
  const count = selectedCount(selection)
  const more = selection.kind === 'keys' && (!page.total.exact || count < page.total.count)

  async function selectAll() {
    onCounting(true)
    const answer = await fetchStateCounts(list)
    onCounting(false)
    if (!answer.ok) {
      announce(`The matching keys could not be counted. ${answer.message}`, { tone: 'danger' })
      return
    }
    onSelect({
      kind: 'filter',
      scope: selection.scope,
      filter: filterOf(list),
      counts: answer.counts,
      refusals: generalRefusals(page.keys),
    })
  }

  if (count === 0) return null
  return (
    <div className="flex min-w-0 items-center gap-1 text-sm max-md:w-full">
      <p role="status" className="min-w-0 font-medium text-strong tabular-nums">
        {selectionWords(selection, page.keys)}
      </p>
      {more && (
        <Button variant="inline" pending={counting} onClick={selectAll}>
          Select all {formatCount(page.total.count)}
          {!page.total.exact && '+'} that match
        </Button>
      )}
      <Button
        variant="quiet"
        square
        aria-label="Clear selection"
        icon={<X size={16} aria-hidden="true" />}
        onClick={onClear}
        className="max-md:ml-auto"
      />
    </div>
  )
}
