import { type Database, openDatabase } from '#lib/db/client.ts'
import { socketConnectionString } from '#lib/db/embedded/connection-string.ts'
import { runningPostmaster } from '#lib/db/embedded/leftover.ts'
import { readPasswords } from '#lib/db/embedded/passwords.ts'
import { existingPlaces } from '#lib/db/embedded/places.ts'
import { startPostgres } from '#lib/db/embedded/start-postgres.ts'
import { sqlState } from '#lib/db/sql-state.ts'
import type { Environment } from '#lib/env.ts'
import { installationStore } from '#lib/kms/root-key/installation-store.ts'
import { openRootKey } from '#lib/kms/root-key/open-root-key.ts'
import type { RootKey } from '#lib/kms/root-key/root-key.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import { StartProblem } from '#lib/start-problem.ts'
import { dataFolderIsInUse, lockDataFolder } from './data-folder.ts'

export type Installation = AsyncDisposable & { db: Database; rootKey: RootKey }

const notStarted = 'Keystead has never been started with these settings: run npm start once.'

/**
 * Opens the installation that the settings lead to, for a command that runs once: the database of DATABASE_URL, the
 * embedded one that a running Keystead has started, or else the embedded one, started for as long as the command runs.
 *
 * @throws {StartProblem} with what to do
 */
export async function openInstallation(env: Environment, applicationName: string): Promise<Installation> {
  const { connectionString, release } = await reachDatabase(env)
  const db = openDatabase(connectionString, { connections: 2, applicationName })
  const close = async (): Promise<void> => {
    await db.$disconnect()
    await release()
  }
  try {
    // Opening the root key of a database without one would make one.
    const rows = await inSystemTransaction(db, 'administration', (sql) => sql.installation.count())
    if (rows === 0) throw new StartProblem(notStarted)
    const { rootKey, authSecret } = await openRootKey(
      { value: env.rootKey, file: env.rootKeyFile, dataDir: env.dataDir },
      installationStore(db),
    )
    authSecret[Symbol.dispose]()
    return { db, rootKey, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    const undefinedTable = '42P01'
    throw sqlState(error) === undefinedTable ? new StartProblem(notStarted) : error
  }
}

type Reached = { connectionString: string; release: () => Promise<void> }

async function reachDatabase({ databaseUrl, dataDir }: Environment): Promise<Reached> {
  if (databaseUrl) return { connectionString: databaseUrl, release: async () => undefined }
  const places = await existingPlaces(dataDir)
  const passwords = await readPasswords(dataDir)
  if (!places || !passwords) throw new StartProblem(notStarted)
  if (await dataFolderIsInUse(dataDir)) {
    const running = await runningPostmaster(places.cluster)
    if (!running) throw new StartProblem('Keystead is just starting or stopping: try again in a moment.')
    const connectionString = socketConnectionString('keystead', passwords.owner, 'keystead', running.socket)
    return { connectionString, release: async () => undefined }
  }
  const unlock = await lockDataFolder(dataDir, () => true)
  const postgres = await startPostgres(dataDir)
  return {
    connectionString: postgres.connectionString,
    release: async () => {
      await postgres.stop()
      unlock()
    },
  }
}
