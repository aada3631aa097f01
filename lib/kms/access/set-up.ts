import type { Database } from '#lib/db/client.ts'
import type { Prisma } from '#lib/db/generated/client.ts'
import { appendEvents } from '../audit/append-events.ts'
import type { Actor } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import type { RootKey } from '../root-key/root-key.ts'
import { inSystemTransaction } from '../transaction.ts'
import { createAdministrator, type FirstAdministrator, hasAdministrator } from './create-administrator.ts'
import { newOneTimeToken, oneTimeTokenHash } from './one-time-token.ts'
import type { RequestOrigin } from './use-link.ts'

const setUpMilliseconds = 24 * 3_600_000

/** Who acts while nobody is signed in yet. */
export const setUpActor: Actor = { kind: 'system', id: 'set-up', name: 'Set-up' }

/** Makes the set-up token, good for 24 hours, and ends the one before. Inside a transaction that sees all. */
export async function issueSetUpToken(sql: Prisma.TransactionClient, now: Date): Promise<string> {
  const { token, hash } = newOneTimeToken()
  await sql.installation.update({
    where: { id: 1 },
    data: { setUpTokenHash: hash, setUpTokenExpiresAt: new Date(now.getTime() + setUpMilliseconds) },
  })
  return token
}

/** Whether the installation still waits for its first administrator. */
export function awaitsSetUp(db: Database): Promise<boolean> {
  return inSystemTransaction(db, 'sign-in', async (sql) => !(await hasAdministrator(sql)))
}

/**
 * Sees that a set-up token would be accepted, so that nobody without one makes the server hash passwords.
 *
 * @throws {KmsError} alreadySetUp, setUpLinkInvalid
 */
export function checkSetUpToken(db: Database, token: string): Promise<void> {
  return inSystemTransaction(db, 'sign-in', (sql, now) => requireSetUpToken(sql, now, token))
}

/**
 * Makes the first administrator with the set-up token, which is then used up. Of two uses at once one succeeds.
 *
 * @param input.passwordHash made by the caller, so that no transaction waits for the hashing
 * @throws {KmsError} alreadySetUp; setUpLinkInvalid: unknown, expired or replaced by a later start; outcomeUnknown: it may
 *   be done
 */
export function completeSetUp(
  db: Database,
  rootKey: RootKey,
  input: FirstAdministrator & { token: string },
  origin: RequestOrigin,
): Promise<void> {
  const complete = async (sql: Prisma.TransactionClient, now: Date): Promise<void> => {
    await sql.$queryRaw`SELECT 1 FROM installation FOR UPDATE`
    await requireSetUpToken(sql, now, input.token)
    const account = await sql.account.findFirst({ orderBy: { createdAt: 'asc' } })
    if (!account) throw new Error('the first start has made no account')
    const userId = await createAdministrator(sql, now, account.id, input)
    await sql.installation.update({
      where: { id: 1 },
      data: { setUpTokenHash: null, setUpTokenExpiresAt: null },
    })
    await recordSetUp(sql, rootKey, now, origin, { accountId: account.id, userId, email: input.email })
  }
  return inSystemTransaction(db, 'administration', complete, { saves: true })
}

/** Tells of the first administrator in the chain of the account and in that of the installation. */
export async function recordSetUp(
  sql: Prisma.TransactionClient,
  rootKey: RootKey,
  now: Date,
  origin: RequestOrigin,
  { accountId, userId, email }: { accountId: string; userId: string; email: string },
): Promise<void> {
  const from = { actor: setUpActor, ...origin }
  const user = { outcome: 'done', resourceType: 'user', resourceId: userId, resourceName: email } as const
  await appendEvents(sql, rootKey, accountId, from, now, [
    { action: 'addUser', ...user, details: { roles: 'KMS Administrator' } },
  ])
  await appendEvents(sql, rootKey, null, from, now, [{ action: 'setUp', ...user }])
}

async function requireSetUpToken(sql: Prisma.TransactionClient, now: Date, token: string): Promise<void> {
  if (await hasAdministrator(sql)) throw new KmsError('alreadySetUp')
  const valid = await sql.installation.count({
    where: { setUpTokenHash: oneTimeTokenHash(token), setUpTokenExpiresAt: { gt: now } },
  })
  if (valid === 0) throw new KmsError('setUpLinkInvalid')
}
