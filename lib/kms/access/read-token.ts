import { createHash } from 'node:crypto'
import type { Database } from '#lib/db/client.ts'
import { inSystemTransaction } from '../transaction.ts'
import type { CallingUser } from './find-access-key.ts'

/** How a token is stored. It is random, so a plain hash hides it. */
export function tokenHash(token: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(createHash('sha256').update(token).digest())
}

/**
 * Who a token speaks for, and the one project in which it does. Null: unknown, ended, expired, or its user is suspended;
 * which, is not told.
 */
export function readToken(
  db: Database,
  token: string,
): Promise<{ user: CallingUser; projectId: string } | null> {
  return inSystemTransaction(db, 'sign-in', async (sql, now) => {
    const row = await sql.accessToken.findUnique({ where: { tokenHash: tokenHash(token) } })
    if (!row || row.expiresAt <= now) return null
    const user = await sql.user.findUnique({ where: { id: row.userId } })
    if (user?.status !== 'active') return null
    return {
      user: { accountId: row.accountId, userId: row.userId, name: user.name },
      projectId: row.projectId,
    }
  })
}
