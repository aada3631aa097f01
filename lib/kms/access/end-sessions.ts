import type { Prisma } from '#lib/db/generated/client.ts'

/** Signs a user out everywhere. Needs a transaction that sees sessions. */
export async function endSessions(sql: Prisma.TransactionClient, userId: string): Promise<void> {
  await sql.session.deleteMany({ where: { userId } })
}
