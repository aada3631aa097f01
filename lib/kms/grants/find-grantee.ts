import type { Database } from '#lib/db/client.ts'
import { KmsError } from '../model/errors.ts'
import { inSystemTransaction } from '../transaction.ts'

/**
 * The account of a principal, which may be another than the caller's: a user by id without hyphens, or an account by
 * its domain id. Only whether it exists becomes known to the caller.
 *
 * @throws {KmsError} granteeInvalid
 */
export async function findGrantee(db: Database, type: 'user' | 'domain', principal: string): Promise<string> {
  const accountId = await inSystemTransaction(db, 'access-key', async (sql) => {
    if (type === 'domain') {
      const account = await sql.account.findUnique({ where: { domainId: principal }, select: { id: true } })
      return account?.id
    }
    if (!/^[0-9a-f]{32}$/.test(principal)) return undefined
    const id = principal.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    const user = await sql.user.findUnique({ where: { id }, select: { accountId: true } })
    return user?.accountId
  })
  if (!accountId) throw new KmsError('granteeInvalid', { field: 'grantee_principal' })
  return accountId
}
