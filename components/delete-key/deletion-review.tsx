'use client'

import { useState } from 'react'
import { ItemPager } from '#components/changes/item-pager.tsx'
import { ReviewTable } from '#components/changes/review-table.tsx'
import { sharedWarnings } from '#components/changes/shared-warnings.ts'
import { useItemPages } from '#components/changes/use-item-pages.ts'
import { Checkbox } from '#components/ui/checkbox.tsx'
import { formatCount, plural } from '#lib/format/count.ts'
import type { ChangeView } from '#lib/kms/model/views.ts'

/** Which keys will be deleted, by name, and which will be skipped and why. */
export function DeletionReview({ change }: { change: ChangeView }) {
  const { pending, skipped } = change.counts
  const [onlySkipped, setOnlySkipped] = useState(false)
  const pages = useItemPages(change, onlySkipped && skipped > 0 ? 'skipped' : null)
  const warnings = sharedWarnings(change.items)

  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <p className="text-text wrap-anywhere">
          <Sentence change={change} />
        </p>
        {skipped > 0 && pending > 0 && (
          <Checkbox
            label={`Only the ${formatCount(skipped)} skipped`}
            checked={onlySkipped}
            onChange={(event) => setOnlySkipped(event.target.checked)}
          />
        )}
      </div>
      {warnings.length > 0 && (
        <ul className="flex flex-col gap-1 text-warning">
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      <ItemPager pages={pages}>
        <ReviewTable items={pages.items} said={warnings} label="Keys to delete" />
      </ItemPager>
    </>
  )
}

function Sentence({ change: { counts, items, total } }: { change: ChangeView }) {
  const { pending, skipped } = counts
  const [first] = items
  if (pending === 0) return <>None of {plural(total, 'key')} can be deleted.</>
  const skips = skipped > 0 && ` ${formatCount(skipped)} will be skipped.`
  if (total === 1 && first) {
    return (
      <>
        The key <strong className="font-semibold text-strong">{first.keyName}</strong> will be deleted.
      </>
    )
  }
  return (
    <>
      <strong className="font-semibold text-strong">{plural(pending, 'key')}</strong> will be deleted.{skips}
    </>
  )
}
