import type { SystemPurpose, Tx } from '../transaction.ts'

/**
 * Lets an account's transaction see, during `work` only, what belongs to no account (sessions, credentials, the throttle)
 * or to whichever it is. For the verbs of sign-in and user management, which must change both in one transaction, and for
 * grants, which may name people of other accounts.
 */
export async function seeingAll<T>(tx: Tx, purpose: SystemPurpose, work: () => Promise<T>): Promise<T> {
  await tx.sql.$queryRaw`SELECT set_config('keystead.system', ${purpose}, true)`
  const result = await work()
  await tx.sql.$queryRaw`SELECT set_config('keystead.system', '', true)`
  return result
}
