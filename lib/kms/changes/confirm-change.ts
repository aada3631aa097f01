import type { KmsContext } from '../context.ts'
import { limits } from '../model/limits.ts'
import { inTransaction, type Tx } from '../transaction.ts'

/**
 * Ends a change whose items are settled: closes the invalidations of its keys that no instance can still be unaware of
 * and marks the change done (or stopped, with items left). While an instance is awaited it is `confirming`: saved, not
 * yet confirmed on every instance.
 *
 * Only instances that registered may cache; while none has, a committed change holds everywhere at once, because every
 * use of a key reads its row.
 */
export async function confirmChange(ctx: KmsContext, changeId: string, owner: string): Promise<void> {
  await inTransaction(ctx, (tx) => confirmItems(tx, changeId, owner), { write: true })
}

/** The same in a transaction of the caller's, which must have begun after the items were committed. */
export async function confirmItems(tx: Tx, changeId: string, owner: string): Promise<void> {
  const { ctx } = tx
  const askAgain = new Date(tx.now.getTime() + limits.confirmAgainMilliseconds)
  // The keys as an array, not a join: both tables are written seconds before, so the planner knows nothing of their
  // sizes and would join them row by row, a thousand times a thousand.
  await tx.sql.$executeRaw`
    WITH open AS (
      SELECT v.id, EXISTS (
        SELECT 1 FROM instance n WHERE n.fenced_at IS NULL AND NOT EXISTS (
          SELECT 1 FROM invalidation_acknowledgement a WHERE a.invalidation_id = v.id AND a.instance_id = n.id)) AS awaited
      FROM invalidation v
      WHERE v.account_id = ${ctx.accountId}::uuid AND v.subject_kind = 'key' AND v.closed_at IS NULL
        AND v.subject_id = ANY(ARRAY(
          SELECT i.key_id FROM change_item i
          WHERE i.account_id = ${ctx.accountId}::uuid AND i.change_id = ${changeId}::uuid AND i.outcome = 'done'))
    ), closed AS (
      UPDATE invalidation v SET closed_at = ${tx.now}::timestamptz FROM open WHERE v.id = open.id AND NOT open.awaited
    ), settled AS (
      SELECT EXISTS (SELECT 1 FROM open WHERE awaited) AS awaited, EXISTS (
        SELECT 1 FROM change_item i WHERE i.account_id = ${ctx.accountId}::uuid AND i.change_id = ${changeId}::uuid
          AND i.outcome = 'pending') AS pending
    )
    UPDATE change c SET owner_id = NULL, lease_until = ${askAgain}::timestamptz,
      status = CASE WHEN s.awaited THEN 'confirming' WHEN s.pending THEN 'stopped' ELSE 'done' END,
      finished_at = CASE WHEN s.awaited THEN NULL ELSE ${tx.now}::timestamptz END
    FROM settled s
    WHERE c.account_id = ${ctx.accountId}::uuid AND c.id = ${changeId}::uuid AND c.owner_id = ${owner}::uuid
      AND c.status IN ('applying', 'confirming') AND (c.stop_requested OR NOT s.pending)`
}
