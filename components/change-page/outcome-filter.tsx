import Link from 'next/link'
import { itemOutcomes, outcomeWords } from '#components/changes/outcome-words.ts'
import { classNames } from '#components/ui/class-names.ts'
import { withItemQuestion } from '#lib/change-url.ts'
import { formatCount } from '#lib/format/count.ts'
import type { ChangeView, ItemOutcome } from '#lib/kms/model/views.ts'

/** Which results are shown: all, or those with one outcome. Addresses, so that a result can be sent to someone. */
export function OutcomeFilter({
  change,
  outcome,
  address,
}: {
  change: ChangeView
  outcome: ItemOutcome | undefined
  address: string
}) {
  const { pageSize } = change.itemsPage
  const shown = itemOutcomes.filter((one) => change.counts[one] > 0 || one === outcome)
  const link = (to: ItemOutcome | undefined, words: string, count: number) => (
    <Link
      key={words}
      href={withItemQuestion(address, { page: 1, pageSize, outcome: to })}
      scroll={false}
      aria-current={to === outcome ? 'true' : undefined}
      className={classNames(
        'inline-flex h-7 items-center gap-1.5 rounded-md border px-2.5 text-sm font-medium transition-colors',
        to === outcome
          ? 'border-accent-line bg-accent-tint text-accent'
          : 'border-line-strong text-text hover:bg-hover hover:text-strong',
      )}
    >
      {words}
      <span className="font-normal tabular-nums">{formatCount(count)}</span>
    </Link>
  )
  return (
    <nav aria-label="Results" className="flex flex-wrap gap-1.5">
      {link(undefined, 'All', change.total)}
      {shown.map((one) => link(one, outcomeWords(one, change.status), change.counts[one]))}
    </nav>
  )
}
