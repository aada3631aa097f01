import { createHash } from 'node:crypto'
import type { EntryName } from '../cache/entry.ts'
import { readThrough } from '../cache/read-through.ts'
import { subjectOf } from '../invalidations/subject.ts'
import { inSystemTransaction } from '../transaction.ts'
import type { CallerLookUp, CallingUser } from './find-access-key.ts'

/** How a token is stored. It is random, so a plain hash hides it. */
export function tokenHash(token: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(createHash('sha256').update(token).digest())
}

/** Who a token speaks for, and the one project in which it does. */
export type SpokenFor = { user: CallingUser; projectId: string }

/**
 * Looks up a token. Null: unknown, ended, expired, or its user is suspended; which, is not told. Only a token in use is
 * cached, by its hash.
 *
 * @throws {ReadAgain} when it changed while it was loaded
 */
export async function readToken(look: CallerLookUp, token: string): Promise<SpokenFor | null> {
  const hash = tokenHash(token)
  const hex = Buffer.from(hash).toString('hex')
  const name: EntryName<SpokenFor> = `token ${hex}`
  return readThrough(look, name, () =>
    inSystemTransaction(look.db, 'sign-in', async (sql, now) => {
      const row = await sql.accessToken.findUnique({ where: { tokenHash: hash } })
      if (!row || row.expiresAt <= now) return null
      const user = await sql.user.findUnique({ where: { id: row.userId } })
      if (user?.status !== 'active') return null
      const { accountId, userId, projectId, expiresAt } = row
      return {
        value: { user: { accountId, userId, name: user.name }, projectId },
        subjects: [subjectOf('token', accountId, hex), subjectOf('user', accountId, userId)],
        endsAt: expiresAt,
      }
    }),
  )
}
