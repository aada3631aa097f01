import { randomBytes } from 'node:crypto'
import { hashPassword } from 'better-auth/crypto'
import { openDatabase } from '#lib/db/client.ts'
import { type FreshDatabase, freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { storePassword } from '#lib/kms/access/store-password.ts'
import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import type { InstallationRow } from '#lib/kms/root-key/installation-store.ts'
import { RootKey } from '#lib/kms/root-key/root-key.ts'
import { sealSecret } from '#lib/kms/root-key/sealed-secret.ts'
import type { TestWorld } from '#lib/kms/testing/test-world.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import { createAuth } from '../better-auth.ts'
import { newRequestId } from '../request-id.ts'
import type { Service } from '../service.ts'
import { signIn } from '../sign-in.ts'
import { sourceAddressHeader } from '../source-address.ts'

export const testPublicUrl = 'http://127.0.0.1:3000'

/** The console's service over a test's database. */
export function testService(
  { db, rootKey }: Pick<Service, 'db' | 'rootKey'>,
  publicUrl = testPublicUrl,
): Service {
  return { db, rootKey, auth: createAuth(db, 'k'.repeat(43), publicUrl), publicUrl }
}

/** Headers of a request from `address`, with a session if `cookie` is given. */
export function requestHeaders({
  address = '10.0.0.1',
  cookie,
}: {
  address?: string
  cookie?: string
}): Headers {
  return new Headers({ [sourceAddressHeader]: address, ...(cookie ? { cookie } : {}) })
}

/** An address that no other test uses. */
export function newAddress(): string {
  return `10.${[...randomBytes(3)].join('.')}`
}

/** Signs in and returns the `Cookie` header of the session. */
export async function cookieOf(
  service: Service,
  input: { email: string; password: string },
  address = newAddress(),
): Promise<string> {
  const [cookie = ''] = await signIn(service, requestHeaders({ address }), input, newRequestId())
  return cookie.split(';', 1)[0] ?? ''
}

const hashes = new Map<string, Promise<string>>()

/** Gives a user of a test world a password, as a link used a minute ago would have; returns what to sign in with. */
export async function givePassword(
  world: Pick<TestWorld, 'db'>,
  userId: string,
  password = 'correct horse battery',
): Promise<{ email: string; password: string }> {
  const hash = hashes.get(password) ?? hashPassword(password)
  hashes.set(password, hash)
  const passwordHash = await hash
  return inSystemTransaction(world.db, 'sign-in', async (sql, now) => {
    await storePassword(sql, new Date(now.getTime() - 60_000), userId, passwordHash)
    const { email } = await sql.user.findUniqueOrThrow({ where: { id: userId } })
    return { email, password }
  })
}

/** A database of its own whose root key was opened, as the first start finds it after migrating. */
export async function freshInstallation(): Promise<Pick<Service, 'db' | 'rootKey'> & AsyncDisposable> {
  const database: FreshDatabase = await freshDatabase()
  const db = openDatabase(database.connectionString, {
    connections: 10,
    applicationName: 'keystead-test',
    connectSeconds: 30,
  })
  const rootKey = new RootKey(KeyMaterial.random(32))
  const row: InstallationRow = {
    rootKeyId: rootKey.id,
    authSecretSealed: sealSecret(rootKey, 'auth secret', KeyMaterial.random(32)),
  }
  await inSystemTransaction(db, 'administration', (sql) =>
    sql.installation.create({
      data: {
        rootKeyId: Uint8Array.from(row.rootKeyId),
        authSecretSealed: Uint8Array.from(row.authSecretSealed),
      },
    }),
  )
  return {
    db,
    rootKey,
    [Symbol.asyncDispose]: async () => {
      await db.$disconnect()
      await database[Symbol.asyncDispose]()
    },
  }
}
