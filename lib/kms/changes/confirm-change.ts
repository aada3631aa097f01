import type { KmsContext } from '../context.ts'
import { holdEverywhere } from '../invalidations/hold-everywhere.ts'
import { limits } from '../model/limits.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import { openOfChange } from './open-of-change.ts'

/**
 * Ends a change whose items are settled: waits until it holds on every instance and marks it done (or stopped, with
 * items left). While an instance is awaited it is `confirming`: saved, not yet confirmed on every instance.
 *
 * @param until `fenced`: returns as soon as an instance had to be shut out, and leaves the change confirming
 * @returns whether the change ended
 * @throws {KmsError} unconfirmed; the change stays confirming and will be claimed again
 */
export async function confirmChange(
  ctx: KmsContext,
  changeId: string,
  owner: string,
  until: 'end' | 'fenced' = 'end',
): Promise<boolean> {
  for (;;) {
    const awaited = await inTransaction(ctx, (tx) => confirmItems(tx, changeId, owner), { write: true })
    if (awaited.length === 0) return true
    if (!(await holdEverywhere(ctx.db, awaited, { until }))) return false
  }
}

/**
 * One look, in a transaction of the caller's, which must have begun after the items were committed: closes the
 * invalidations of the change's keys that no instance can be unaware of, and ends the change if nobody is awaited. Which
 * are closed, and in which order they are locked, is for `keystead_close_invalidations` to say: others close the same
 * ones meanwhile.
 *
 * @returns the invalidations that hold everywhere only once `holdEverywhere` has returned for them, some of them closed
 *   already; none: the change ended, or is another process's
 */
export async function confirmItems(tx: Tx, changeId: string, owner: string): Promise<bigint[]> {
  const { ctx } = tx
  const claimedUntil = new Date(tx.now.getTime() + limits.confirmingMilliseconds)
  const [confirmed] = await tx.sql.$queryRaw<{ awaited: bigint[] | null }[]>`
    WITH found AS MATERIALIZED (
      SELECT ${openOfChange(tx, changeId)} AS ids
    ), settled AS MATERIALIZED (
      SELECT CASE WHEN EXISTS (SELECT 1 FROM keystead_close_invalidations(found.ids)) THEN found.ids END AS awaited, EXISTS (
        SELECT 1 FROM change_item i WHERE i.account_id = ${ctx.accountId}::uuid AND i.change_id = ${changeId}::uuid
          AND i.outcome = 'pending') AS pending
      FROM found
    )
    UPDATE change c SET owner_id = CASE WHEN s.awaited IS NULL THEN NULL ELSE c.owner_id END,
      lease_until = ${claimedUntil}::timestamptz,
      status = CASE WHEN s.awaited IS NOT NULL THEN 'confirming' WHEN s.pending THEN 'stopped' ELSE 'done' END,
      finished_at = CASE WHEN s.awaited IS NOT NULL THEN NULL ELSE ${tx.now}::timestamptz END
    FROM settled s
    WHERE c.account_id = ${ctx.accountId}::uuid AND c.id = ${changeId}::uuid AND c.owner_id = ${owner}::uuid
      AND c.status IN ('applying', 'confirming') AND (c.stop_requested OR NOT s.pending)
    RETURNING s.awaited`
  return confirmed?.awaited ?? []
}
