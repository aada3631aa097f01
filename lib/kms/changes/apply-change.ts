import { randomUUID } from 'node:crypto'
import { isTransient } from '#lib/db/sql-state.ts'
import { isUnavailable } from '#lib/db/unavailable.ts'
import { attempted } from '../audit/attempted.ts'
import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import { type ApplyChangeInput, pendingDays } from '../model/inputs/change.ts'
import type { KeyOperation } from '../model/key-state.ts'
import { dayMilliseconds, limits } from '../model/limits.ts'
import type { ChangeView } from '../model/views.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import { applyItems } from './apply-chunk.ts'
import { confirmChange, confirmItems } from './confirm-change.ts'
import { checkConfirmation } from './confirmation.ts'
import { requireOwn } from './require-own.ts'
import { runChange } from './run-change.ts'
import { viewChange } from './view-change.ts'

/**
 * Applies a change the caller planned. Up to 100 items are applied before this returns; more are left to the runner,
 * and the answer is then a change that is still applying. When an instance does not confirm within a second the answer
 * is a change that is confirming, and it holds everywhere some three seconds later. A second call for the same change
 * answers its state, so a double click and a retry after a lost answer are harmless.
 *
 * @throws {KmsError} changeNotFound; changeNotYours; changeExpired; changeNotConfirmed or pendingDaysInvalid with the
 *   field; after any of these no key was changed;
 *   unconfirmed: saved, but the database could not be asked whether it holds everywhere
 */
export function applyChange(ctx: KmsContext, input: ApplyChangeInput): Promise<ChangeView> {
  const attempt = { action: 'applyChange', resourceType: 'change', resourceId: input.changeId } as const
  return attempted(ctx, attempt, async () => {
    const owner = randomUUID()
    const begun = await begin(ctx, input, owner)
    try {
      return await finish(ctx, input.changeId, owner, begun)
    } catch (error) {
      // Nobody may take this for "nothing was done".
      if (isUnavailable(error)) throw new KmsError('unconfirmed', { cause: error })
      throw error
    }
  })
}

/** Whatever happens from here on, the change is saved. */
async function finish(ctx: KmsContext, changeId: string, owner: string, begun: Begun): Promise<ChangeView> {
  if (begun === 'started') await runChange(ctx, changeId, owner)
  const view = await inTransaction(
    ctx,
    async (tx) => {
      const awaited = begun === 'applied' ? await confirmItems(tx, changeId, owner) : []
      return awaited.length > 0 ? null : viewChange(tx, changeId)
    },
    { write: begun === 'applied' },
  )
  return view ?? confirmed(ctx, changeId, owner)
}

/** An instance is awaited: some ten milliseconds if it lives. If not, the person is told, and the wait goes on here. */
async function confirmed(ctx: KmsContext, changeId: string, owner: string): Promise<ChangeView> {
  if (!(await confirmChange(ctx, changeId, owner, 'fenced'))) {
    // If this process ends meanwhile, the runner of another takes the change over.
    void confirmChange(ctx, changeId, owner).catch(() => undefined)
  }
  return inTransaction(ctx, (tx) => viewChange(tx, changeId))
}

/**
 * `applied`: every item has its outcome and awaits confirmation; `started`: this process is to run it; `left`: it runs
 * elsewhere, or has run.
 */
type Begun = 'applied' | 'started' | 'left'

async function begin(ctx: KmsContext, input: ApplyChangeInput, owner: string): Promise<Begun> {
  try {
    // A change of few keys starts and is applied in one transaction: for one key that is a third of the round trips.
    return await inTransaction(
      ctx,
      async (tx) => {
        const change = await start(tx, input, owner)
        if (!change || change.total > limits.applyInRequestMax) return 'left'
        await applyItems(tx, change, input.changeId, limits.applyInRequestMax)
        return 'applied'
      },
      { write: true, holds: 'later' },
    )
  } catch (error) {
    if (error instanceof KmsError || isTransient(error)) throw error
    // An item may be at fault. Started alone, the change is then run in halves until that item fails by itself.
    const started = await inTransaction(ctx, (tx) => start(tx, input, owner), { write: true })
    return started ? 'started' : 'left'
  }
}

type Started = { total: number; operation: KeyOperation; deletion_at: Date | null }

/** Takes the change from planned to applying, once. Null: it was taken before. */
async function start(tx: Tx, input: ApplyChangeInput, owner: string): Promise<Started | null> {
  const { accountId, actor } = tx.ctx
  const { data: days = null } = pendingDays.safeParse(input.pendingDays ?? '')
  const deletionAt = days === null ? null : new Date(tx.now.getTime() + days * dayMilliseconds)
  const lease = new Date(tx.now.getTime() + limits.changeLeaseMilliseconds)
  const [change] = await tx.sql.$queryRaw<Started[]>`
    UPDATE change SET status = 'applying', applied_at = ${tx.now}::timestamptz,
      pending_days = CASE WHEN operation = 'scheduleDeletion' THEN ${days}::integer END,
      deletion_at = CASE WHEN operation = 'scheduleDeletion' THEN ${deletionAt}::timestamptz END,
      owner_id = CASE WHEN total <= ${limits.applyInRequestMax} THEN ${owner}::uuid END,
      lease_until = CASE WHEN total <= ${limits.applyInRequestMax} THEN ${lease}::timestamptz ELSE ${tx.now}::timestamptz END
    WHERE account_id = ${accountId}::uuid AND id = ${input.changeId}::uuid AND author_id = ${actor.id}::uuid
      AND status = 'planned' AND expires_at > ${tx.now}::timestamptz
    RETURNING total, operation, deletion_at`
  if (!change) return explain(tx, input.changeId)
  // Thrown from here, the change stays planned.
  checkConfirmation(change.operation, input)
  return change
}

/** Why a change could not be started; null: it was before. */
async function explain(tx: Tx, changeId: string): Promise<null> {
  const { accountId } = tx.ctx
  const change = await tx.sql.change.findUnique({ where: { accountId_id: { accountId, id: changeId } } })
  if (!change) throw new KmsError('changeNotFound')
  requireOwn(tx, change)
  if (change.status === 'planned') throw new KmsError('changeExpired')
  return null
}
