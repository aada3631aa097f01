import { plural } from '#lib/format/count.ts'
import { type KeyOperation, operationWords } from '#lib/kms/model/key-state.ts'
import type { ChangeView } from '#lib/kms/model/views.ts'
import { outcomeWords } from './outcome-words.ts'

/** "enabled", "disabled": what has happened to a key, after its number. */
const happened: Record<KeyOperation, string> = {
  enable: 'enabled',
  disable: 'disabled',
  scheduleDeletion: 'scheduled for deletion',
  cancelDeletion: 'taken off deletion',
}

/** The heading of a review: "Disable 3 keys", "Cancel Deletion of 1 key"; the number is what it will act on. */
export function changeTitle(operation: KeyOperation, keys: number): string {
  const verb = operationWords[operation]
  return operation === 'cancelDeletion'
    ? `${verb} of ${plural(keys, 'key')}`
    : `${verb} ${plural(keys, 'key')}`
}

/** The words for a change that is saved while an instance may not know of it. */
export const notConfirmed = 'Saved, not yet confirmed on every instance'

/** After this long something is in the way: an instance that is gone is shut out and waited for in four seconds. */
export const confirmedWithinMs = 15_000

/** What a plan will do, in one line: "2 keys will be disabled, 1 will be skipped." */
export function planSummary(change: ChangeView): string {
  const { pending, skipped } = change.counts
  const will = `${plural(pending, 'key')} will be ${happened[change.operation]}`
  if (skipped === 0) return `${will}.`
  if (pending === 0) return `None of ${plural(skipped, 'key')} can be ${happened[change.operation]}.`
  return `${will}, ${skipped} will be skipped.`
}

/** What a change did, in one line: "7 keys disabled, 1 failed, 1 skipped". Parts that are 0 are left out. */
export function resultSummary(change: ChangeView): string {
  const { done, failed, changed, skipped, pending } = change.counts
  const parts = [
    `${plural(done, 'key')} ${happened[change.operation]}`,
    failed > 0 && `${failed} failed`,
    changed > 0 && `${changed} changed since the review`,
    skipped > 0 && `${skipped} skipped`,
    pending > 0 && `${pending} ${outcomeWords('pending', change.status).toLowerCase()}`,
  ]
  return parts.filter(Boolean).join(', ')
}

/** That no instance can be unaware of what a settled change has done; null: it has done nothing. */
export function holdsWords(change: ChangeView): string | null {
  if (change.counts.done === 0) return null
  const { failed, changed, pending } = change.counts
  return failed + changed + pending > 0
    ? 'What was done holds on every instance.'
    : 'Holds on every instance.'
}

/** Both, in sentences. */
export function resultSentences(change: ChangeView): string {
  return [`${resultSummary(change)}.`, holdsWords(change)].filter(Boolean).join(' ')
}

/** Whether every key that was to change has changed; what the review said would be skipped is no surprise. */
export function wentAsReviewed(change: ChangeView): boolean {
  const { failed, changed, pending } = change.counts
  return change.status === 'done' && failed + changed + pending === 0
}
