import { randomUUID } from 'node:crypto'
import type { Prisma } from '#lib/db/generated/client.ts'

/** Replaces the password hash of a user. Needs a transaction that sees credentials. */
export async function storePassword(
  sql: Prisma.TransactionClient,
  now: Date,
  userId: string,
  passwordHash: string,
): Promise<void> {
  await sql.credential.upsert({
    // Named as better-auth names them: the provider of passwords, under which a user's account is its own id.
    where: { providerId_providerAccountId: { providerId: 'credential', providerAccountId: userId } },
    update: { password: passwordHash, updatedAt: now },
    create: {
      id: randomUUID(),
      userId,
      providerId: 'credential',
      providerAccountId: userId,
      password: passwordHash,
      createdAt: now,
      updatedAt: now,
    },
  })
}
