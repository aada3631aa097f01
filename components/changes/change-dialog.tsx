'use client'

import { useState } from 'react'
import { announce } from '#components/ui/announcement.ts'
import { Button } from '#components/ui/button.tsx'
import { Checkbox } from '#components/ui/checkbox.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { stopChangeAction } from '#lib/actions/changes.ts'
import type { KeyOperation } from '#lib/kms/model/key-state.ts'
import type { ChangeView } from '#lib/kms/model/views.ts'
import { routes } from '#lib/routes.ts'
import { AppliedChange, ChangeUnderWay, LostAnswer } from './change-result.tsx'
import { ReviewedChange, UnderReview } from './change-review.tsx'
import { changeTitle } from './change-words.ts'
import { noAnswer } from './fetch-change.ts'
import { ProblemCallout } from './problem-callout.tsx'
import type { ChangeRequest, startChange } from './start-change.ts'
import { type ChangeStep, useChangeFlow } from './use-change-flow.ts'

export type ChangeDialogProps = {
  request: ChangeRequest
  /** The answer that `startChange(request)` gave, begun by the press that opened this. */
  plan: ReturnType<typeof startChange>
  /** What the button said it would do, until the plan says it exactly. */
  expected: { operation: KeyOperation; keys: number }
  /** Once, when every key has its result and no instance is awaited. */
  onSettled: (change: ChangeView, answered: boolean) => void
  onClose: () => void
  /** Closed while it goes on. */
  onLeave: (change: ChangeView) => void
  /** Opens the next review in place of this one: of the failed keys, or of the way back. */
  onRequest: (request: ChangeRequest, expected: { operation: KeyOperation; keys: number }) => void
}

/** The sentence a person ticks before keys are disabled. */
const understanding = 'I understand the impact of disabling keys'

/**
 * Review, confirmation, progress and result of Enable, Disable and Cancel Deletion. What is ticked stays ticked
 * through every error.
 */
export default function ChangeDialog({
  request,
  plan,
  expected,
  onSettled,
  onClose,
  onLeave,
  onRequest,
}: ChangeDialogProps) {
  const { step, planAgain, apply, check } = useChangeFlow(request, plan, onSettled)
  const [understood, setUnderstood] = useState(false)
  const change = 'change' in step ? step.change : null
  const operation = change?.operation ?? expected.operation
  const mustTick = operation === 'disable'
  const busy = step.at === 'applying'
  // From here on the server carries it out by itself, and nobody has to watch
  const underWay = step.at === 'applying' && step.change.status !== 'planned' ? step.change : null

  const close = () => (underWay ? onLeave(underWay) : onClose())

  return (
    <Dialog
      isOpen
      onClose={close}
      pending={busy && !underWay}
      width="wide"
      title={titleOf(step, expected)}
      footer={
        step.at === 'result' ? (
          <ResultButtons change={step.change} onClose={onClose} onRequest={onRequest} />
        ) : underWay ? (
          <UnderWayButtons change={underWay} onClose={close} />
        ) : (
          <>
            <Button onClick={onClose} reason={busy ? 'Wait until the change is applied' : null}>
              Cancel
            </Button>
            <Button
              variant="primary"
              pending={busy}
              reason={whyNot(step, mustTick && !understood)}
              onClick={() => apply(mustTick ? { understood } : {})}
            >
              OK
            </Button>
          </>
        )
      }
    >
      {step.at === 'planning' && <UnderReview />}
      {step.at === 'unplanned' && (
        <ProblemCallout problem={step.problem} retry="Try again" onRetry={planAgain} />
      )}
      {step.at === 'review' && (
        <ReviewedChange change={step.change} problem={step.problem} onReviewAgain={planAgain}>
          {mustTick && (
            <Checkbox
              label={understanding}
              checked={understood}
              onChange={(event) => setUnderstood(event.target.checked)}
            />
          )}
        </ReviewedChange>
      )}
      {step.at === 'applying' && <ChangeUnderWay change={step.change} problem={step.problem} />}
      {step.at === 'lost' && <LostAnswer problem={step.problem} checking={step.checking} onCheck={check} />}
      {step.at === 'result' && <AppliedChange change={step.change} />}
    </Dialog>
  )
}

function titleOf(step: ChangeStep, expected: { operation: KeyOperation; keys: number }): string {
  if (!('change' in step)) return changeTitle(expected.operation, expected.keys)
  const { operation, counts } = step.change
  const { pending, done, failed, changed } = counts
  return changeTitle(operation, pending + done + failed + changed)
}

function whyNot(step: ChangeStep, tickMissing: boolean): string | null {
  switch (step.at) {
    case 'planning':
      return 'The review is being prepared'
    case 'unplanned':
      return 'There is no review yet'
    case 'lost':
      return 'Check first what became of the change'
    case 'review':
      if (step.change.expired || step.problem?.code === 'changeExpired') return 'This review has expired'
      if (step.change.counts.pending === 0) return 'None of these keys can be changed'
      return tickMissing ? 'Tick the box above first' : null
    default:
      return null
  }
}

function UnderWayButtons({ change, onClose }: { change: ChangeView; onClose: () => void }) {
  const [stopping, setStopping] = useState(false)

  async function stop() {
    setStopping(true)
    const result = await stopChangeAction({ changeId: change.id }).catch(() => ({
      ok: false as const,
      error: noAnswer,
    }))
    if (result.ok) return
    setStopping(false)
    announce(result.error.message, { tone: 'danger' })
  }

  return (
    <>
      {change.status === 'applying' && (
        <Button onClick={stop} pending={stopping}>
          Stop
        </Button>
      )}
      {/* OK had the focus and is gone */}
      <Button variant="primary" onClick={onClose} autoFocus>
        Close
      </Button>
    </>
  )
}

function ResultButtons({
  change,
  onClose,
  onRequest,
}: {
  change: ChangeView
} & Pick<ChangeDialogProps, 'onClose' | 'onRequest'>) {
  const { id, operation, undo, retryable } = change
  return (
    <>
      <LinkButton variant="quiet" className="mr-auto" href={routes.change(change.projectId, id)}>
        View result
      </LinkButton>
      {undo && (
        <Button
          onClick={() =>
            onRequest({ kind: 'undo', changeId: id }, { operation: undo.operation, keys: undo.keys })
          }
        >
          Undo
        </Button>
      )}
      {retryable > 0 && (
        <Button onClick={() => onRequest({ kind: 'retry', changeId: id }, { operation, keys: retryable })}>
          Retry failed
        </Button>
      )}
      <Button variant="primary" onClick={onClose} autoFocus>
        Close
      </Button>
    </>
  )
}
