import type { SystemPurpose, Tx } from '../transaction.ts'

/**
 * Lets an account's transaction see, during `work` only, what belongs to no account (sessions, credentials, the throttle)
 * or to whichever it was. For the verbs of sign-in and user management, which must change both in one transaction, and for
 * whoever repeats a call about a grant that is gone.
 */
export async function seeingAll<T>(tx: Tx, purpose: SystemPurpose, work: () => Promise<T>): Promise<T> {
  await tx.sql.$queryRaw`SELECT set_config('keystead.system', ${purpose}, true)`
  const result = await work()
  await tx.sql.$queryRaw`SELECT set_config('keystead.system', '', true)`
  return result
}
