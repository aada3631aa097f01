import { randomUUID } from 'node:crypto'
import { hashPassword } from 'better-auth/crypto'
import { type Database, openDatabase } from '#lib/db/client.ts'
import { startPostgres } from '#lib/db/embedded/start-postgres.ts'
import { readEnvironment } from '#lib/env.ts'
import { createAdministrator } from '#lib/kms/access/create-administrator.ts'
import { recordSetUp } from '#lib/kms/access/set-up.ts'
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
 * @param settings environment variables: KMS_DATA_DIR must be among them, an administrator must not
 * @param administrator.since when the installation was set up: later events follow it in the audit chain
 */
export async function openOfflineWorld(
  settings: Record<string, string>,
  administrator: { email: string; password: string; since: Date },
): Promise<OfflineWorld> {
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
    const { email, since } = administrator
    const passwordHash = await hashPassword(administrator.password)
    const { user, projects } = await inSystemTransaction(db, 'administration', async (sql) => {
      const account = await sql.account.findFirstOrThrow()
      const userId = await createAdministrator(sql, since, account.id, { email, passwordHash })
      const origin = { requestId: randomUUID(), sourceAddress: null }
      await recordSetUp(sql, rootKey, since, origin, { accountId: account.id, userId, email })
      return {
        user: await sql.user.findUniqueOrThrow({ where: { id: userId } }),
        projects: await sql.project.findMany({ orderBy: { region: { position: 'asc' } } }),
      }
    })
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
