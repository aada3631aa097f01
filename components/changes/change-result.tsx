import { useEffect, useRef, useState } from 'react'
import { Callout } from '#components/ui/callout.tsx'
import { Checkbox } from '#components/ui/checkbox.tsx'
import { Progress } from '#components/ui/progress.tsx'
import { formatCount } from '#lib/format/count.ts'
import type { ChangeItemView, ChangeView, ItemOutcome } from '#lib/kms/model/views.ts'
import { AwaitedInstances } from './awaited-instances.tsx'
import { resultSentences, wentAsReviewed } from './change-words.ts'
import type { Problem } from './fetch-change.ts'
import { ItemPager } from './item-pager.tsx'
import { ProblemCallout } from './problem-callout.tsx'
import { ResultTable } from './result-table.tsx'
import { useItemPages } from './use-item-pages.ts'

/** How far a change has come. It goes on without this dialog, and without this tab. */
export function ChangeUnderWay({ change, problem }: { change: ChangeView; problem: Problem | undefined }) {
  const { pending, skipped } = change.counts
  const acting = change.total - skipped
  const confirming = change.status === 'confirming'
  return (
    <div className="flex flex-col gap-4">
      {!confirming && <Progress label="Applying the change" value={acting - pending} max={acting} />}
      <AwaitedInstances change={change} problem={problem} />
      {problem && !confirming ? (
        <ProblemCallout problem={problem} />
      ) : (
        <p className="text-sm text-dim">The change goes on even if this page is closed.</p>
      )}
    </div>
  )
}

/** OK was pressed and no answer came: nobody knows yet whether it was applied. */
export function LostAnswer({
  problem,
  checking,
  onCheck,
}: {
  problem: Problem
  checking: boolean
  onCheck: () => void
}) {
  const message = `${problem.message} It is not known yet whether the change was applied. Checking changes nothing.`
  return (
    <ProblemCallout
      problem={{ ...problem, message }}
      retry="Check what happened"
      onRetry={onCheck}
      pending={checking}
    />
  )
}

/** What became of each key. */
export function AppliedChange({ change }: { change: ChangeView }) {
  const { failed, changed } = change.counts
  const [onlyFailed, setOnlyFailed] = useState(false)
  const pages = useItemPages(change, onlyFailed ? 'failed' : null)
  const summary = useRef<HTMLDivElement>(null)
  useEffect(() => summary.current?.focus(), [])
  const fine = wentAsReviewed(change)

  return (
    <>
      <Callout ref={summary} tone={fine ? 'success' : 'warning'} role={fine ? 'status' : 'alert'}>
        {resultSentences(change)}
        {!fine && failed + changed > 0 && ' What failed stays selected in the list.'}
      </Callout>
      {failed > 0 && failed < change.total && (
        <Checkbox
          label={`Only the ${formatCount(failed)} failed`}
          checked={onlyFailed}
          onChange={(event) => setOnlyFailed(event.target.checked)}
        />
      )}
      <ItemPager pages={pages}>
        <ResultTable items={problemsFirst(pages.items)} status={change.status} />
      </ItemPager>
    </>
  )
}

const rank: Record<ItemOutcome, number> = { failed: 0, changed: 1, pending: 2, done: 3, skipped: 4 }

/** What went wrong is what one looks for; otherwise in the order of the review. */
function problemsFirst(items: readonly ChangeItemView[]): ChangeItemView[] {
  return items.toSorted((a, b) => rank[a.outcome] - rank[b.outcome] || a.ordinal - b.ordinal)
}
