import { randomUUID } from 'node:crypto'
import { type Database, openDatabase } from '#lib/db/client.ts'
import { startPostgres } from '#lib/db/embedded/start-postgres.ts'
import { readEnvironment } from '#lib/env.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { installationStore } from '#lib/kms/root-key/installation-store.ts'
import { openRootKey } from '#lib/kms/root-key/open-root-key.ts'
import type { RootKey } from '#lib/kms/root-key/root-key.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import { prepareDatabase } from '../prepare-database.ts'

export type OfflineWorld = AsyncDisposable & {
  db: Database
  rootKey: RootKey
  /** For the owner of the database, who is not subject to row-level security. */
  connectionString: string
  /** Acts as the first administrator. */
  ctx: KmsContext
  /** Default projects, in the order of the regions. */
  projectIds: string[]
}

/**
 * Makes a data folder as the first start would, with the product's own settings of Postgres, and opens it for the
 * verbs while neither console nor endpoint runs: whoever fills it lets go of it before the product starts on it.
 *
 * @param settings environment variables: KMS_DATA_DIR, KMS_ADMIN_EMAIL and KMS_ADMIN_PASSWORD must be among them
 */
export async function openOfflineWorld(settings: Record<string, string>): Promise<OfflineWorld> {
  const env = readEnvironment(settings)
  const postgres = await startPostgres(env.dataDir)
  const db = openDatabase(postgres.connectionString, { connections: 10, applicationName: 'keystead offline' })
  const close = async (): Promise<void> => {
    await db.$disconnect()
    await postgres.stop()
  }
  try {
    await prepareDatabase(postgres.connectionString, env)
    const { rootKey } = await openRootKey(
      { value: env.rootKey, file: env.rootKeyFile, dataDir: env.dataDir },
      installationStore(db),
    )
    const { user, projects } = await inSystemTransaction(db, 'administration', async (sql) => ({
      user: await sql.user.findFirstOrThrow(),
      projects: await sql.project.findMany({ orderBy: { region: { position: 'asc' } } }),
    }))
    return {
      db,
      rootKey,
      connectionString: postgres.connectionString,
      projectIds: projects.map(({ id }) => id),
      ctx: {
        db,
        rootKey,
        accountId: user.accountId,
        actor: { kind: 'user', id: user.id, name: user.name },
        requestId: randomUUID(),
        sourceAddress: null,
      },
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
