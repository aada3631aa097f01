'use client'

import { useRouter } from 'next/navigation'
import { useState, useTransition } from 'react'
import * as z from 'zod'
import { announceOutcome } from '#components/changes/announce-outcome.ts'
import { AwaitedInstances } from '#components/changes/awaited-instances.tsx'
import { ReviewedChange } from '#components/changes/change-review.tsx'
import { changeTitle, resultSentences, wentAsReviewed } from '#components/changes/change-words.ts'
import { noAnswer, type Problem } from '#components/changes/fetch-change.ts'
import { startChange } from '#components/changes/start-change.ts'
import { useSavedChange } from '#components/changes/use-saved-change.ts'
import { ActionForm } from '#components/form/action-form.tsx'
import { FormCheckbox } from '#components/form/fields.tsx'
import { useActionForm } from '#components/form/use-action-form.ts'
import { Page } from '#components/shell/page.tsx'
import { announce } from '#components/ui/announcement.ts'
import { Button } from '#components/ui/button.tsx'
import { Callout } from '#components/ui/callout.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { WhenReady } from '#components/ui/when-ready.tsx'
import { applyChangeAction } from '#lib/actions/changes.ts'
import { applyChangeInput } from '#lib/kms/model/inputs/change.ts'
import type { ChangeView } from '#lib/kms/model/views.ts'
import { routes } from '#lib/routes.ts'
import { BackToList } from './back-to-list.tsx'

const understanding = 'I understand the impact of disabling keys'

/** The review of a change that was planned and waits for its confirmation: a retry, an undo, or a plan left open. */
export function PlannedChange({ change }: { change: ChangeView }) {
  const router = useRouter()
  const [replanProblem, setReplanProblem] = useState<Problem>()
  const [, startLeaving] = useTransition()
  const { id, projectId, operation, counts } = change
  const mustTick = operation === 'disable'
  const list = routes.keys(projectId)

  const action = useActionForm({
    schema: mustTick
      ? applyChangeInput.extend({
          understood: z.literal(true, { error: `Tick “${understanding}” to go on.` }),
        })
      : applyChangeInput,
    action: applyChangeAction,
    defaultValues: { changeId: id, ...(mustTick && { understood: false }) },
    onDone: (applied: ChangeView) => {
      announceOutcome(applied, (settled) =>
        announce(resultSentences(settled), { tone: wentAsReviewed(settled) ? 'success' : 'warning' }),
      )
    },
  })

  const saved = useSavedChange(change, action.pending)

  async function reviewAgain() {
    const ids = change.items.map((item) => item.keyId)
    const input = { projectId, operation, selection: { ids } }
    const result = await startChange({ kind: 'plan', input }).catch(() => ({
      ok: false as const,
      error: noAnswer,
    }))
    if (result.ok) startLeaving(() => router.replace(routes.change(projectId, result.data.id)))
    else setReplanProblem(result.error)
  }

  return (
    <Page
      crumbs={[{ label: 'Key Management Service', href: list }, { label: 'Review' }]}
      title={changeTitle(operation, counts.pending)}
      back={<BackToList href={list} />}
    >
      <ActionForm form={action} label="Review" className="w-full max-w-4xl py-4 pb-16">
        <PlanOrigin change={change} />
        <ReviewedChange
          change={change}
          problem={replanProblem ?? (change.expired ? expired(change) : undefined)}
          onReviewAgain={reviewAgain}
        >
          {mustTick && !change.expired && <FormCheckbox name="understood" label={understanding} />}
        </ReviewedChange>
        <AwaitedInstances change={saved} />
        <div className="flex justify-end gap-2">
          <LinkButton href={list}>Cancel</LinkButton>
          <WhenReady>
            <Button
              type="submit"
              variant="primary"
              pending={action.pending}
              reason={whyNotApply(change, mustTick && !action.form.watch('understood'))}
            >
              OK
            </Button>
          </WhenReady>
        </div>
      </ActionForm>
    </Page>
  )
}

/** Where the plan comes from, when it is a retry or an undo, and what an undo does not bring back. */
function PlanOrigin({ change }: { change: ChangeView }) {
  const { undoOf, operation, authorName, mine } = change
  if (!mine) return <Callout tone="info">{authorName} planned this change and alone can apply it.</Callout>
  if (!undoOf) return null
  return (
    <Callout tone="info" title="This undoes an earlier change.">
      {operation === 'cancelDeletion'
        ? 'The keys will not be deleted. They come back Disabled, or Pending import without key material, even if they were Enabled before.'
        : 'Keys that someone has changed since are left as they are.'}
    </Callout>
  )
}

function expired({ items, total }: ChangeView): Problem {
  const again = items.length < total ? ' Select the keys in the list again.' : ''
  return {
    kind: 'refused',
    code: 'changeExpired',
    message: `This review is more than 30 minutes old and has expired. Nothing was changed.${again}`,
  }
}

function whyNotApply(change: ChangeView, tickMissing: boolean): string | null {
  const { mine, authorName, expired: isExpired, counts } = change
  if (!mine) return `Only ${authorName}, who planned this change, can apply it`
  if (isExpired) return 'This review has expired'
  if (counts.pending === 0) return 'None of these keys can be changed'
  return tickMissing ? 'Tick the box above first' : null
}
