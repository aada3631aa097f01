import { type Database, openDatabase } from '#lib/db/client.ts'
import { environment } from '#lib/env.ts'
import { installationStore } from '#lib/kms/root-key/installation-store.ts'
import { openRootKey } from '#lib/kms/root-key/open-root-key.ts'
import type { RootKey } from '#lib/kms/root-key/root-key.ts'
import { type Auth, createAuth } from './better-auth.ts'

/** What the console's process holds open. */
export type Service = {
  db: Database
  rootKey: RootKey
  auth: Auth
  /** The only origin whose pages may act. */
  publicUrl: string
}

/** Connections of the console; see the budget in the operator's guide. */
const consoleConnections = 10

// Next bundles this module more than once; the process has one pool and opens the root key once.
const shared = globalThis as typeof globalThis & { keysteadService?: Promise<Service> }

/** The service of this process, opened at the first call; a failure is not kept, the next call tries again. */
export function readService(): Promise<Service> {
  shared.keysteadService ??= openService().catch((error: unknown) => {
    delete shared.keysteadService
    throw error
  })
  return shared.keysteadService
}

async function openService(): Promise<Service> {
  const env = environment()
  if (!env.databaseUrl) throw new Error('DATABASE_URL is not set: start the console with npm start')
  const db = openDatabase(env.databaseUrl, {
    connections: consoleConnections,
    applicationName: 'keystead console',
  })
  try {
    return await serviceOf(db, env)
  } catch (error) {
    await db.$disconnect()
    throw error
  }
}

async function serviceOf(
  db: Database,
  env: { rootKey: string | undefined; rootKeyFile: string | undefined; dataDir: string; publicUrl: string },
): Promise<Service> {
  const { rootKey, authSecret } = await openRootKey(
    { value: env.rootKey, file: env.rootKeyFile, dataDir: env.dataDir },
    installationStore(db),
  )
  const secret = authSecret.reveal().toString('base64url')
  return { db, rootKey, auth: createAuth(db, secret, env.publicUrl), publicUrl: env.publicUrl }
}
