import { KmsError } from '../model/errors.ts'
import type { Tx } from '../transaction.ts'
import { requireRight } from './require-right.ts'

/**
 * Begins a change of users: the right is checked first, then changes of one account's users wait for each other, so
 * that two of them cannot each remove the other of the last two administrators.
 *
 * @throws {KmsError} notPermitted
 */
export async function beginUserChange(tx: Tx): Promise<void> {
  requireRight(tx, 'kms:user:manage', null)
  await tx.sql.$queryRaw`SELECT 1 FROM account WHERE id = ${tx.ctx.accountId}::uuid FOR NO KEY UPDATE`
}

/**
 * Locks one user of the account, after whatever that user is writing has ended.
 *
 * @throws {KmsError} userNotFound
 */
export async function lockUser(
  tx: Tx,
  userId: string,
): Promise<{ id: string; email: string; status: string }> {
  const [user] = await tx.sql.$queryRaw<{ id: string; email: string; status: string }[]>`
    SELECT id, email, status FROM iam_user
    WHERE account_id = ${tx.ctx.accountId}::uuid AND id = ${userId}::uuid FOR UPDATE`
  if (!user) throw new KmsError('userNotFound')
  return user
}

/**
 * Refuses to leave an account that nobody can manage.
 *
 * @throws {KmsError} lastAdministrator
 */
export async function requireAdministrator(tx: Tx): Promise<void> {
  const administrators = await tx.sql.user.count({
    where: {
      accountId: tx.ctx.accountId,
      status: 'active',
      roleAssignments: { some: { role: 'KMS Administrator', projectId: null } },
    },
  })
  if (administrators === 0) throw new KmsError('lastAdministrator')
}
