import { randomUUID } from 'node:crypto'
import { attempted } from '../audit/attempted.ts'
import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import type { ApplyChangeInput } from '../model/inputs/change.ts'
import type { KeyOperation } from '../model/key-state.ts'
import { dayMilliseconds, limits } from '../model/limits.ts'
import type { ChangeView } from '../model/views.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import { checkConfirmation } from './confirmation.ts'
import { runChange } from './run-change.ts'
import { viewChange } from './view-change.ts'

/**
 * Applies a change the caller planned. Up to 100 items are applied before this returns; more are left to the runner,
 * and the answer is then a change that is still applying. A second call for the same change answers its state, so a
 * double click and a retry after a lost answer are harmless.
 *
 * @throws {KmsError} changeNotFound; changeNotYours; changeExpired; changeNotConfirmed or pendingDaysInvalid with the
 *   field; after any of these no key was changed
 */
export function applyChange(ctx: KmsContext, input: ApplyChangeInput): Promise<ChangeView> {
  const attempt = { action: 'applyChange', resourceType: 'project', resourceId: input.changeId } as const
  return attempted(ctx, attempt, async () => {
    const owner = randomUUID()
    const started = await inTransaction(ctx, (tx) => start(tx, input, owner), { write: true })
    if (started && started.total <= limits.applyInRequestMax) await runChange(ctx, input.changeId, owner)
    return inTransaction(ctx, (tx) => viewChange(tx, input.changeId))
  })
}

/** Takes the change from planned to applying, once. Null: it was taken before. */
async function start(tx: Tx, input: ApplyChangeInput, owner: string): Promise<{ total: number } | null> {
  const { accountId, actor } = tx.ctx
  const change = await tx.sql.change.findUnique({
    where: { accountId_id: { accountId, id: input.changeId } },
  })
  if (!change) throw new KmsError('changeNotFound')
  if (change.authorId !== actor.id) throw new KmsError('changeNotYours')
  if (change.status !== 'planned') return null
  if (change.expiresAt <= tx.now) throw new KmsError('changeExpired')
  const days = checkConfirmation(change.operation as KeyOperation, input)
  const deletionAt = days === null ? null : new Date(tx.now.getTime() + days * dayMilliseconds)
  const inRequest = change.total <= limits.applyInRequestMax
  const [row] = await tx.sql.$queryRaw<{ total: number }[]>`
    UPDATE change SET status = 'applying', applied_at = ${tx.now}::timestamptz, pending_days = ${days}::integer,
      deletion_at = ${deletionAt}::timestamptz, owner_id = ${inRequest ? owner : null}::uuid,
      lease_until = ${inRequest ? new Date(tx.now.getTime() + limits.changeLeaseMilliseconds) : tx.now}::timestamptz
    WHERE account_id = ${accountId}::uuid AND id = ${input.changeId}::uuid AND author_id = ${actor.id}::uuid
      AND status = 'planned' AND expires_at > ${tx.now}::timestamptz
    RETURNING total`
  return row ?? null
}
