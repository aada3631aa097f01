import { join } from 'node:path'
import { Client } from 'pg'
import { socketConnectionString } from '#lib/db/embedded/connection-string.ts'
import { runningPostmaster } from '#lib/db/embedded/leftover.ts'
import { readPasswords } from '#lib/db/embedded/passwords.ts'

/** The connection string of the running embedded database of a data folder, for its owner. */
export async function productDatabaseUrl(dataDir: string): Promise<string> {
  const postmaster = await runningPostmaster(join(dataDir, 'db', 'cluster'))
  const passwords = await readPasswords(dataDir)
  if (!postmaster || !passwords) throw new Error(`no database runs in ${dataDir}`)
  return socketConnectionString('keystead', passwords.owner, 'keystead', postmaster.socket)
}

/** Asks the running embedded database of a data folder, as its owner. */
export async function askProductDatabase<Row extends object>(dataDir: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: await productDatabaseUrl(dataDir) })
  await client.connect()
  return (await client.query<Row>(sql).finally(() => client.end())).rows
}
