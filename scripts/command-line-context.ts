import { newRequestId } from '#lib/auth/request-id.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import { StartProblem } from '#lib/start-problem.ts'
import type { Installation } from './open-installation.ts'

/**
 * In whose name a command acts: whoever can run it on this machine may do everything in the installation's account, and
 * its audit events say that it was the command line.
 *
 * @throws {StartProblem} before the first start
 */
export async function commandLineContext({ db, rootKey }: Installation): Promise<KmsContext> {
  const account = await inSystemTransaction(db, 'administration', (sql) =>
    sql.account.findFirst({ orderBy: { createdAt: 'asc' }, select: { id: true } }),
  )
  if (!account) throw new StartProblem('Keystead has no account yet: run npm start once.')
  return {
    db,
    rootKey,
    accountId: account.id,
    actor: { kind: 'system', id: 'administration', name: 'Command line' },
    requestId: newRequestId(),
    sourceAddress: null,
  }
}
