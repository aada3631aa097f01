import { Prisma } from '#lib/db/generated/client.ts'
import type { Tx } from '../transaction.ts'

/**
 * An array of the ids (bigint) of the invalidations that are open of the keys a change has settled, also of those that
 * were found as they should be: whoever made them so may still wait.
 */
export function openOfChange({ ctx }: Tx, changeId: string): Prisma.Sql {
  // The keys as an array, not a join: both tables are written seconds before, so the planner knows nothing of their
  // sizes and would join them row by row, a thousand times a thousand.
  return Prisma.sql`ARRAY(
    SELECT v.id FROM invalidation v
    WHERE v.account_id = ${ctx.accountId}::uuid AND v.subject_kind = 'key' AND v.closed_at IS NULL
      AND v.subject_id = ANY(ARRAY(
        SELECT i.key_id FROM change_item i
        WHERE i.account_id = ${ctx.accountId}::uuid AND i.change_id = ${changeId}::uuid AND i.outcome <> 'pending')))`
}
