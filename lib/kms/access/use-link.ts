import type { Database } from '#lib/db/client.ts'
import type { Prisma } from '#lib/db/generated/client.ts'
import { appendEvents } from '../audit/append-events.ts'
import { holdEverywhere } from '../invalidations/hold-everywhere.ts'
import { awaitOpenInvalidations, openInvalidation } from '../invalidations/open-invalidation.ts'
import { KmsError } from '../model/errors.ts'
import type { RootKey } from '../root-key/root-key.ts'
import { inSystemTransaction } from '../transaction.ts'
import { endSessions } from './end-sessions.ts'
import { oneTimeTokenHash } from './one-time-token.ts'
import { storePassword } from './store-password.ts'

/** Where a request came from that has no user yet. */
export type RequestOrigin = { requestId: string; sourceAddress: string | null }

/**
 * Whose link this is, without using it.
 *
 * @throws {KmsError} linkInvalid: unknown, used, expired, replaced, or its user is suspended; which, is not told
 */
export function readLink(db: Database, token: string): Promise<{ email: string }> {
  return inSystemTransaction(db, 'sign-in', async (sql, now) => {
    const link = await sql.link.findUnique({
      where: { tokenHash: oneTimeTokenHash(token) },
      include: { user: true },
    })
    if (!link || link.usedAt || link.expiresAt <= now || link.user.status !== 'active') {
      throw new KmsError('linkInvalid')
    }
    return { email: link.user.email }
  })
}

/**
 * Sets a password through a one-time link, which is then used up; every session of the user ends. That a link is used up
 * already holds on every instance, as its use does.
 *
 * @param input.passwordHash made by the caller, so that no transaction waits for the hashing
 * @throws {KmsError} linkInvalid, as for `readLink`; of two uses at once one succeeds; unconfirmed: done, but an instance
 *   may not know of it yet; outcomeUnknown: it may be done
 */
export async function useLink(
  db: Database,
  rootKey: RootKey,
  input: { token: string; passwordHash: string },
  origin: RequestOrigin,
): Promise<{ email: string }> {
  let invalidations: bigint[] = []
  const use = async (sql: Prisma.TransactionClient, now: Date): Promise<string | null> => {
    invalidations = []
    const tokenHash = oneTimeTokenHash(input.token)
    const [found] = await sql.$queryRaw<{ user_id: string }[]>`
      SELECT user_id FROM iam_link WHERE token_hash = ${tokenHash}`
    if (!found) return null
    // The user's row before the link's, the order in which user management takes them.
    const [locked] = await sql.$queryRaw<[{ account_id: string }]>`
      SELECT account_id FROM iam_user WHERE id = ${found.user_id}::uuid FOR UPDATE`
    const changing = { sql, ctx: { accountId: locked.account_id }, invalidations }
    const { count } = await sql.link.updateMany({
      where: { tokenHash, usedAt: null, expiresAt: { gt: now }, user: { status: 'active' } },
      data: { usedAt: now },
    })
    if (count !== 1) {
      await awaitOpenInvalidations(changing, 'user', found.user_id)
      return null
    }
    const user = await sql.user.findUniqueOrThrow({ where: { id: found.user_id } })
    await storePassword(sql, now, user.id, input.passwordHash)
    await endSessions(sql, user.id)
    await openInvalidation(changing, 'user', user.id)
    await appendEvents(sql, rootKey, user.accountId, { actor: actorOf(user), ...origin }, now, [
      {
        action: 'setPassword',
        outcome: 'done',
        resourceType: 'user',
        resourceId: user.id,
        resourceName: user.email,
      },
    ])
    return user.email
  }
  const email = await inSystemTransaction(db, 'sign-in', use, { saves: true })
  // API tokens ended too: no endpoint may take one for good once this has returned.
  await holdEverywhere(db, invalidations)
  if (email === null) throw new KmsError('linkInvalid')
  return { email }
}

function actorOf(user: { id: string; name: string }) {
  return { kind: 'user', id: user.id, name: user.name } as const
}
