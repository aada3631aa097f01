'use client'

import { useRouter } from 'next/navigation'
import { useState, useTransition } from 'react'
import { noAnswer, type Problem } from '#components/changes/fetch-change.ts'
import { type ChangeRequest, startChange } from '#components/changes/start-change.ts'
import { Button } from '#components/ui/button.tsx'
import { formatCount } from '#lib/format/count.ts'
import { operationWords } from '#lib/kms/model/key-state.ts'
import type { ChangeView } from '#lib/kms/model/views.ts'
import { routes } from '#lib/routes.ts'

/**
 * Retry failed and Undo. Each makes a new plan and opens its review; no key changes before that is confirmed.
 */
export function FollowUpButtons({
  change,
  onProblem,
}: {
  change: ChangeView
  onProblem: (problem: Problem | null) => void
}) {
  const router = useRouter()
  const [started, setStarted] = useState<ChangeRequest['kind'] | null>(null)
  const [leaving, startLeaving] = useTransition()
  const { id, retryable, undo, mine, authorName, counts } = change
  const notMine = mine ? null : `Only ${authorName}, who made this change, can do this`
  const busy = (kind: ChangeRequest['kind']) => started === kind || (leaving && started === kind)

  async function open(request: ChangeRequest) {
    if (started) return
    setStarted(request.kind)
    onProblem(null)
    const result = await startChange(request).catch(() => ({ ok: false as const, error: noAnswer }))
    if (result.ok) {
      startLeaving(() => router.push(reviewAddress(result.data)))
    } else {
      onProblem(result.error)
      setStarted(null)
    }
  }

  return (
    <>
      {undo && (
        <Button
          reason={notMine}
          pending={busy('undo')}
          data-tooltip={
            notMine ?? `Review first: ${operationWords[undo.operation]} (${formatCount(undo.keys)})`
          }
          onClick={() => open({ kind: 'undo', changeId: id })}
        >
          Undo
        </Button>
      )}
      {retryable > 0 && (
        <Button
          reason={notMine}
          pending={busy('retry')}
          onClick={() => open({ kind: 'retry', changeId: id })}
        >
          {counts.failed + counts.changed > 0 ? 'Retry failed' : 'Retry the rest'}
        </Button>
      )}
    </>
  )
}

/** Where a planned change is reviewed: Delete has a page of its own. */
export function reviewAddress({ id, projectId, operation }: ChangeView): string {
  return operation === 'scheduleDeletion' ? routes.deleteKeys(projectId, id) : routes.change(projectId, id)
}
