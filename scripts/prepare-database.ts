import { firstStart } from '#lib/auth/first-start.ts'
import { openDatabase } from '#lib/db/client.ts'
import { migrate } from '#lib/db/migrate.ts'
import type { Environment } from '#lib/env.ts'
import { installationStore } from '#lib/kms/root-key/installation-store.ts'
import { openRootKey } from '#lib/kms/root-key/open-root-key.ts'

/**
 * What comes once per start, before any process of the product: migrations, the root key, the first administrator.
 * @returns how to sign in, in one line.
 * @throws StartProblem with what to do.
 */
export async function prepareDatabase(connectionString: string, env: Environment): Promise<string> {
  await migrate(connectionString)
  const db = openDatabase(connectionString, { connections: 2, applicationName: 'keystead start' })
  try {
    const { rootKey } = await openRootKey(
      { value: env.rootKey, file: env.rootKeyFile, dataDir: env.dataDir },
      installationStore(db),
    )
    const { setUpLink, adminEmail } = await firstStart(db, rootKey, env)
    if (setUpLink) return `Set up    ${setUpLink} (once, within 24 hours)`
    return `Sign in   ${env.publicUrl}/sign-in${adminEmail ? ` as ${adminEmail}` : ''}`
  } finally {
    await db.$disconnect()
  }
}
