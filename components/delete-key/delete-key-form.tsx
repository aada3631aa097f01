'use client'

import { useRouter } from 'next/navigation'
import { useState, useTransition } from 'react'
import * as z from 'zod'
import { announceOutcome } from '#components/changes/announce-outcome.ts'
import { AwaitedInstances } from '#components/changes/awaited-instances.tsx'
import { holdsWords, resultSentences, wentAsReviewed } from '#components/changes/change-words.ts'
import { useSavedChange } from '#components/changes/use-saved-change.ts'
import { ActionForm } from '#components/form/action-form.tsx'
import { FormTextField } from '#components/form/fields.tsx'
import { useActionForm } from '#components/form/use-action-form.ts'
import { settleSelection } from '#components/keys/settle-selection.ts'
import { announce } from '#components/ui/announcement.ts'
import { Button } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { WhenReady } from '#components/ui/when-ready.tsx'
import { useZone } from '#components/ui/zone.tsx'
import { applyChangeAction } from '#lib/actions/changes.ts'
import { plural } from '#lib/format/count.ts'
import { momentParts } from '#lib/format/time.ts'
import { deleteWord, pendingDays } from '#lib/kms/model/inputs/change.ts'
import type { ChangeView } from '#lib/kms/model/views.ts'
import { routes } from '#lib/routes.ts'
import { DeletionReview } from './deletion-review.tsx'
import { DeletionWarning } from './deletion-warning.tsx'
import { WaitingPeriod } from './waiting-period.tsx'

const unlock = `Enter ${deleteWord} in the box above to unlock OK.`

const deleteKeyForm = z.object({
  changeId: z.uuid(),
  pendingDays,
  confirmation: z.string().refine((word) => word === deleteWord, unlock),
})

/**
 * Waiting period, review and typed word of a planned deletion.
 *
 * @param now the moment at which the page was read
 * @param back address of the list it came from, with its filters
 */
export function DeleteKeyForm({ change, now, back }: { change: ChangeView; now: string; back: string }) {
  const router = useRouter()
  const zone = useZone()
  const [leaving, startLeaving] = useTransition()
  const [submitted, setSubmitted] = useState(false)

  const action = useActionForm({
    schema: deleteKeyForm,
    action: applyChangeAction,
    defaultValues: { changeId: change.id, pendingDays: '', confirmation: '' },
    keepAs: `delete-key.${change.id}`,
    onDone: (applied: ChangeView) => {
      setSubmitted(true)
      settleSelection(applied)
      announceOutcome(applied, (settled) => tell(settled, zone), submittedWords(applied, zone))
      startLeaving(() => router.push(back))
    },
  })
  const saved = useSavedChange(change, action.pending)
  const typed = action.form.watch('confirmation')

  return (
    // Wider than other forms: name, both states and id of a key fit on one line.
    <ActionForm form={action} label="Delete Key" className="w-full max-w-4xl py-4 pb-16">
      <Card>
        <WaitingPeriod now={now} />
      </Card>
      <Card
        title={
          change.counts.pending === 1 ? 'Delete 1 key' : `Delete ${plural(change.counts.pending, 'key')}`
        }
      >
        <DeletionWarning />
        <DeletionReview change={change} />
        <FormTextField
          name="confirmation"
          label={`Enter "${deleteWord}" below`}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          inputClassName="sm:max-w-56"
        />
        <AwaitedInstances change={saved} />
        <div className="flex justify-end gap-2">
          <LinkButton href={back}>Cancel</LinkButton>
          <WhenReady>
            <Button
              type="submit"
              variant="danger"
              pending={action.pending || leaving || submitted}
              reason={
                change.counts.pending === 0
                  ? 'None of these keys can be deleted'
                  : typed === deleteWord
                    ? null
                    : unlock
              }
            >
              OK
            </Button>
          </WhenReady>
        </div>
      </Card>
    </ActionForm>
  )
}

function tell(settled: ChangeView, zone: string): void {
  const fine = wentAsReviewed(settled)
  announce(
    fine ? `${submittedWords(settled, zone)} ${holdsWords(settled) ?? ''}` : resultSentences(settled),
    {
      tone: fine ? 'success' : 'warning',
      action: { label: 'View result', href: routes.change(settled.projectId, settled.id) },
    },
  )
}

function submittedWords({ counts, deletionAt, total }: ChangeView, zone: string): string {
  const keys = plural(total - counts.skipped, 'key')
  const when = deletionAt ? `, deleted on ${momentParts(deletionAt, zone).date}` : ''
  return `Deletion task submitted: ${keys}${when}.`
}
