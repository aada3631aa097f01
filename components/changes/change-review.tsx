import { type ReactNode, useState } from 'react'
import { Callout } from '#components/ui/callout.tsx'
import { Checkbox } from '#components/ui/checkbox.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { formatCount } from '#lib/format/count.ts'
import type { ChangeView } from '#lib/kms/model/views.ts'
import { planSummary } from './change-words.ts'
import type { Problem } from './fetch-change.ts'
import { ItemPager } from './item-pager.tsx'
import { ProblemCallout } from './problem-callout.tsx'
import { ReviewTable } from './review-table.tsx'
import { sharedWarnings } from './shared-warnings.ts'
import { useItemPages } from './use-item-pages.ts'

/** The place of the review while it is made. */
export function UnderReview() {
  return (
    <div role="status" className="flex flex-col gap-3">
      <span className="sr-only">Preparing the review</span>
      <Skeleton className="h-4 w-1/2" />
      <Skeleton className="h-8" />
      <Skeleton className="h-8" />
    </div>
  )
}

/** From here on a table is long enough that its problems are hard to find. */
const longFrom = 8

/** What the plan will do, key by key; `children` is what has to be confirmed. */
export function ReviewedChange({
  change,
  problem,
  onReviewAgain,
  children,
}: {
  change: ChangeView
  problem: Problem | undefined
  onReviewAgain: () => void
  children: ReactNode
}) {
  const { skipped } = change.counts
  const [onlyProblems, setOnlyProblems] = useState(false)
  const pages = useItemPages(change, onlyProblems && skipped > 0 ? 'skipped' : null)
  const warnings = sharedWarnings(change.items)
  const expired = change.expired || problem?.code === 'changeExpired'

  return (
    <>
      {problem && (
        <ProblemCallout
          problem={problem}
          {...(expired && { retry: 'Review again', onRetry: onReviewAgain })}
        />
      )}
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <p className="text-text">{planSummary(change)}</p>
        {skipped > 0 && change.total > longFrom && (
          <Checkbox
            label={`Only the ${formatCount(skipped)} skipped`}
            checked={onlyProblems}
            onChange={(event) => setOnlyProblems(event.target.checked)}
          />
        )}
      </div>
      {warnings.map((warning) => (
        <Callout key={warning} tone="warning">
          {warning}
        </Callout>
      ))}
      <ItemPager pages={pages}>
        <ReviewTable items={pages.items} said={warnings} />
      </ItemPager>
      {children}
    </>
  )
}
