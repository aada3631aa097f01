import type { Prisma } from '#lib/db/generated/client.ts'

/** Ends every API token of a user. Needs a transaction that sees the user's account. */
export async function endTokens(sql: Prisma.TransactionClient, userId: string): Promise<void> {
  await sql.accessToken.deleteMany({ where: { userId } })
}
