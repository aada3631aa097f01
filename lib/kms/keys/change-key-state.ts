import { requireRight } from '../access/require-right.ts'
import { attempted } from '../audit/attempted.ts'
import { changeKeys, eventOf } from '../changes/change-keys.ts'
import type { KmsContext } from '../context.ts'
import { awaitOpenInvalidations } from '../invalidations/open-invalidation.ts'
import { KmsError } from '../model/errors.ts'
import type { KeyState } from '../model/key-state.ts'
import { dayMilliseconds, limits } from '../model/limits.ts'
import { actionOf } from '../model/permissions.ts'
import { inTransaction } from '../transaction.ts'
import type { KeyInProject } from './change-key.ts'
import { lockKey } from './lock-key.ts'

export type ChangeKeyStateInput = KeyInProject &
  (
    | { operation: 'enable' | 'disable' | 'cancelDeletion' }
    /** The key is gone this many days, each of 86,400 seconds, from now. */
    | { operation: 'scheduleDeletion'; pendingDays: number }
  )

/**
 * Enables or disables one key, schedules its deletion or cancels it, without a review: what a program calls (Huawei KMS,
 * key states). The rules are those of the reviewed changes. Both the success and the refusal of what is so already hold
 * on every instance.
 *
 * @throws {KmsError} pendingDaysInvalid, notPermitted, keyIdInvalid, keyNotFound, defaultKey, and the refusals of the
 *   state table; unconfirmed: saved, but an instance may not know of it yet
 */
export function changeKeyState(
  ctx: KmsContext,
  input: ChangeKeyStateInput,
): Promise<{ keyId: string; state: KeyState }> {
  const { operation, projectId } = input
  const attempt = { action: eventOf[operation], resourceId: input.keyId.slice(0, 300), projectId }
  return attempted(ctx, attempt, () =>
    inTransaction(
      ctx,
      async (tx) => {
        const days = input.operation === 'scheduleDeletion' ? input.pendingDays : null
        requireRight(tx, actionOf[operation], projectId)
        if (days !== null && !isWaitingPeriod(days)) throw new KmsError('pendingDaysInvalid')
        const key = await lockKey(tx, projectId, input.keyId, 'change')
        const deletionAt = days === null ? null : new Date(tx.now.getTime() + days * dayMilliseconds)
        const [outcome] = await changeKeys(tx, operation, [{ keyId: key.id, revision: null }], deletionAt)
        // "Already disabled" must mean that it holds, also if the call that disabled it still waits; and so must Delete of
        // a key that was disabled a moment ago.
        if (operation !== 'enable') await awaitOpenInvalidations(tx, 'key', key.id)
        if (!outcome) throw new Error('a change of one key has no outcome')
        if (outcome.outcome !== 'done') throw new KmsError(outcome.reason)
        return { keyId: key.id, state: outcome.state }
      },
      { write: true },
    ),
  )
}

const isWaitingPeriod = (days: number): boolean =>
  Number.isInteger(days) && days >= limits.pendingDaysMin && days <= limits.pendingDaysMax
