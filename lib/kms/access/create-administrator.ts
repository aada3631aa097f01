import { randomUUID } from 'node:crypto'
import type { Prisma } from '#lib/db/generated/client.ts'
import { KeyMaterial } from '../crypto/key-material.ts'
import type { RootKey } from '../root-key/root-key.ts'
import { sealSecret } from '../root-key/sealed-secret.ts'
import { nameOf } from './name-of.ts'
import { storePassword } from './store-password.ts'

export type FirstAdministrator = { email: string; passwordHash: string }

/** A pair with which programs sign requests. */
export type AccessKeyPair = { id: string; secret: string }

/** Whether anyone can manage the installation: while nobody can, it may be set up. Needs a transaction that sees all. */
export async function hasAdministrator(sql: Prisma.TransactionClient): Promise<boolean> {
  return (await sql.roleAssignment.count({ where: { role: 'KMS Administrator', projectId: null } })) > 0
}

/** Inserts the first administrator of an account; returns the user's id. Needs a transaction that sees all. */
export async function createAdministrator(
  sql: Prisma.TransactionClient,
  now: Date,
  accountId: string,
  { email, passwordHash }: FirstAdministrator,
): Promise<string> {
  const id = randomUUID()
  const name = nameOf(email)
  await sql.user.create({ data: { id, accountId, email, name, createdAt: now, updatedAt: now } })
  await storePassword(sql, now, id, passwordHash)
  await sql.roleAssignment.create({
    data: {
      accountId,
      id: randomUUID(),
      userId: id,
      role: 'KMS Administrator',
      projectId: null,
      createdAt: now,
    },
  })
  return id
}

/** Stores an access key of a user. The secret is sealed, not hashed: signatures are checked with it. */
export async function storeAccessKey(
  sql: Prisma.TransactionClient,
  rootKey: RootKey,
  now: Date,
  user: { accountId: string; userId: string },
  { id, secret }: AccessKeyPair,
): Promise<void> {
  using material = KeyMaterial.take(Buffer.from(secret, 'utf8'))
  const sealedSecret = Uint8Array.from(sealSecret(rootKey, `access key ${id}`, material))
  await sql.accessKey.create({ data: { ...user, id, sealedSecret, createdAt: now } })
}
