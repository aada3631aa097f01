import { randomUUID } from 'node:crypto'
import type { Prisma } from '#lib/db/generated/client.ts'
import { newOneTimeToken } from './one-time-token.ts'

/** A link with which a user sets a password. */
export type IssuedLink = {
  /** For the fragment of the page's address. It is not stored and cannot be shown again. */
  token: string
  /** ISO 8601, UTC. */
  expiresAt: string
}

const linkMilliseconds = 24 * 3_600_000

/** Makes a one-time link, good for 24 hours, and ends the older ones of the user, inside the caller's transaction. */
export async function issueLink(
  sql: Prisma.TransactionClient,
  now: Date,
  user: { accountId: string; userId: string },
): Promise<IssuedLink> {
  const { token, hash } = newOneTimeToken()
  const expiresAt = new Date(now.getTime() + linkMilliseconds)
  await sql.link.deleteMany({ where: user })
  await sql.link.create({ data: { ...user, id: randomUUID(), tokenHash: hash, expiresAt, createdAt: now } })
  return { token, expiresAt: expiresAt.toISOString() }
}
