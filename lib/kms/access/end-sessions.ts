import type { Prisma } from '#lib/db/generated/client.ts'
import { endTokens } from './end-tokens.ts'

/** Signs a user out everywhere: the console's sessions and the API's tokens. Needs a transaction that sees sessions. */
export async function endSessions(sql: Prisma.TransactionClient, userId: string): Promise<void> {
  await sql.session.deleteMany({ where: { userId } })
  await endTokens(sql, userId)
}
