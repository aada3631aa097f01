'use client'

import { Download } from 'lucide-react'
import { useState, useTransition } from 'react'
import { AwaitedInstances } from '#components/changes/awaited-instances.tsx'
import { changeTitle, holdsWords } from '#components/changes/change-words.ts'
import { isSettled, noAnswer, type Problem } from '#components/changes/fetch-change.ts'
import { countsLine } from '#components/changes/outcome-words.ts'
import { ProblemCallout } from '#components/changes/problem-callout.tsx'
import { ResultTable } from '#components/changes/result-table.tsx'
import { Page } from '#components/shell/page.tsx'
import { Button } from '#components/ui/button.tsx'
import { buttonLook } from '#components/ui/button-look.ts'
import { Pager } from '#components/ui/pager.tsx'
import { Progress } from '#components/ui/progress.tsx'
import { stopChangeAction } from '#lib/actions/changes.ts'
import { withItemQuestion } from '#lib/change-url.ts'
import type { ChangeView, ItemOutcome } from '#lib/kms/model/views.ts'
import { routes } from '#lib/routes.ts'
import { BackToList } from './back-to-list.tsx'
import { ChangeFacts } from './change-facts.tsx'
import { FollowUpButtons } from './follow-up-buttons.tsx'
import { OutcomeFilter } from './outcome-filter.tsx'
import { useLiveChange } from './use-live-change.ts'

/** Sizes up to this fit on one page of the pager's smallest choice. */
const smallestPage = 10

/** A change that runs or has run: how far it has come, what became of each key, and what can be done next. */
export function ChangeResult({ drawn, outcome }: { drawn: ChangeView; outcome: ItemOutcome | undefined }) {
  const { change, problem: lost } = useLiveChange(drawn, outcome)
  const [refused, setRefused] = useState<Problem | null>(null)
  const [stopping, startStopping] = useTransition()
  const [stopAsked, setStopAsked] = useState(false)
  const { id, projectId, operation, status, counts, total, itemsPage } = change
  const runs = status === 'applying'
  const address = routes.change(projectId, id)
  const acting = total - counts.skipped
  const problem = lost ?? refused

  function stop() {
    startStopping(async () => {
      const result = await stopChangeAction({ changeId: id }).catch(() => ({
        ok: false as const,
        error: noAnswer,
      }))
      setRefused(result.ok ? null : result.error)
      setStopAsked(result.ok)
    })
  }

  return (
    <Page
      crumbs={[{ label: 'Key Management Service', href: routes.keys(projectId) }, { label: 'Change' }]}
      title={changeTitle(operation, acting)}
      back={<BackToList href={routes.keys(projectId)} />}
    >
      <div className="flex flex-col gap-4 py-4">
        {problem && !(lost && status === 'confirming') && (
          <ProblemCallout
            problem={problem}
            {...(lost ? {} : { retry: 'Close', onRetry: () => setRefused(null) })}
          />
        )}
        <ChangeFacts change={change} />
        <AwaitedInstances change={change} problem={lost ?? undefined} />
        <div className="flex flex-col gap-2">
          <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
            <div role="status">
              <p className="text-lg font-semibold text-strong tabular-nums">{countsLine(change)}</p>
              {isSettled(change) && <p className="text-sm text-dim">{holdsWords(change)}</p>}
            </div>
            <div className="flex flex-wrap gap-2">
              {runs && (
                <Button
                  pending={stopping}
                  reason={stopAsked ? 'It stops after the keys it is working on' : whyNotStop(change)}
                  onClick={stop}
                  data-tooltip="What is done stays done; the keys not reached yet are left as they are"
                >
                  Stop the rest
                </Button>
              )}
              {isSettled(change) && <FollowUpButtons change={change} onProblem={setRefused} />}
              <a
                href={routes.changeResults(projectId, id)}
                download
                className={buttonLook('secondary', false)}
                data-tooltip="The result of each key, as CSV"
              >
                <Download size={16} aria-hidden="true" />
                Export
              </a>
            </div>
          </div>
          {runs && (
            <div className="max-w-xl">
              <Progress label="Applying the change" value={acting - counts.pending} max={acting} />
              <p className="mt-1 text-sm text-dim">The change goes on even if this page is closed.</p>
            </div>
          )}
        </div>
        <OutcomeFilter change={change} outcome={outcome} address={address} />
        <div className="min-w-0">
          {change.items.length > 0 ? (
            <div className="rounded-md border border-line-strong bg-surface px-3">
              <ResultTable items={change.items} status={status} />
            </div>
          ) : (
            <p className="py-8 text-center text-dim">No key on this page has this result.</p>
          )}
          {itemsPage.total > smallestPage && (
            <Pager
              page={itemsPage.page}
              size={itemsPage.pageSize}
              total={{ count: itemsPage.total }}
              noun="keys"
              hrefFor={(page, pageSize) => withItemQuestion(address, { page, pageSize, outcome })}
            />
          )}
        </div>
      </div>
    </Page>
  )
}

function whyNotStop({ mine, authorName }: ChangeView): string | null {
  return mine ? null : `Only ${authorName}, who made this change, can do this`
}
