import type { KmsContext } from '../context.ts'
import { inTransaction, type Tx } from '../transaction.ts'

/** Tells every instance that what it may hold of this user is out of date; NOTIFY wakes them on commit. */
export async function invalidateUser(tx: Tx, userId: string): Promise<void> {
  await tx.sql.invalidation.create({
    data: { accountId: tx.ctx.accountId, subjectKind: 'user', subjectId: userId, openedAt: tx.now },
  })
  await tx.sql.$executeRaw`SELECT pg_notify('keystead_invalidation', '')`
}

/**
 * Closes a user's invalidations once the change has been committed, as far as no registered instance can still be
 * unaware of it; while none has registered, every request reads the user's row and the change holds at once.
 */
export async function closeUserInvalidations(ctx: KmsContext, userId: string): Promise<void> {
  await inTransaction(
    ctx,
    (tx) => tx.sql.$executeRaw`
      UPDATE invalidation v SET closed_at = ${tx.now}::timestamptz
      WHERE v.account_id = ${ctx.accountId}::uuid AND v.subject_kind = 'user' AND v.subject_id = ${userId}
        AND v.closed_at IS NULL AND NOT EXISTS (
          SELECT 1 FROM instance n WHERE n.fenced_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM invalidation_acknowledgement a WHERE a.invalidation_id = v.id AND a.instance_id = n.id))`,
  )
}
