import type { Tx } from '../transaction.ts'

/**
 * Does a part of a transaction in the name of another account, which granted the caller a use: for that part its rows
 * are visible and the caller's own are not, and the caller has no right there. When `work` throws, the transaction must
 * end.
 */
export async function inAccount<T>(tx: Tx, accountId: string, work: (owner: Tx) => Promise<T>): Promise<T> {
  if (accountId === tx.ctx.accountId) return work(tx)
  await tx.sql.$executeRaw`SELECT set_config('keystead.account', ${accountId}, true)`
  const owner: Tx = {
    ...tx,
    ctx: { ...tx.ctx, accountId },
    rights: { kind: 'user', status: 'active', assignments: [] },
  }
  const result = await work(owner)
  await tx.sql.$executeRaw`SELECT set_config('keystead.account', ${tx.ctx.accountId}, true)`
  return result
}
