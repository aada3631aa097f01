import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'
import { migrate } from '#lib/db/migrate.ts'

export type FreshDatabase = AsyncDisposable & {
  /** For the database's owner, who may make tables but no roles. */
  connectionString: string
}

const inDatabase = (url: string, database: string): string => {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.href
}

async function asSuperuser(sql: string): Promise<void> {
  const client = new Client({ connectionString: inject('superuserDatabaseUrl') })
  await client.connect()
  await client.query(sql).finally(() => client.end())
}

/**
 * A database of its own on the shared test server, for tests that count rows, tamper with tables or try migrations;
 * dropped when disposed of. Migrated unless `migrated: false`.
 */
export async function freshDatabase({ migrated = true } = {}): Promise<FreshDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await asSuperuser(`CREATE DATABASE ${name} OWNER keystead`)
  const connectionString = inDatabase(inject('databaseUrl'), name)
  if (migrated) await migrate(connectionString)
  return {
    connectionString,
    [Symbol.asyncDispose]: () => asSuperuser(`DROP DATABASE ${name} WITH (FORCE)`),
  }
}
