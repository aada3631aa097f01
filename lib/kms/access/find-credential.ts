import type { Database } from '#lib/db/client.ts'
import { inSystemTransaction } from '../transaction.ts'
import type { CallingUser } from './find-access-key.ts'

/** What is needed to check a password, and whose it is. */
export type FoundCredential = {
  user: CallingUser
  active: boolean
  secondFactor: boolean
  /** Null: the user has not set a password yet. */
  passwordHash: string | null
  domain: { id: string; name: string }
}

/** The password hash of a user by email, before an account is known; null for an unknown email. */
export function findCredential(db: Database, email: string): Promise<FoundCredential | null> {
  return inSystemTransaction(db, 'sign-in', async (sql) => {
    const user = await sql.user.findUnique({ where: { email }, include: { account: true } })
    if (!user) return null
    const credential = await sql.credential.findFirst({
      where: { userId: user.id, providerId: 'credential' },
    })
    return {
      user: { accountId: user.accountId, userId: user.id, name: user.name },
      active: user.status === 'active',
      secondFactor: user.twoFactorEnabled,
      passwordHash: credential?.password ?? null,
      domain: { id: user.account.domainId, name: user.account.name },
    }
  })
}
