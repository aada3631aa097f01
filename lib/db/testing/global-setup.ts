import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startPostgres } from '#lib/db/embedded/start-postgres.ts'
import { migrate } from '#lib/db/migrate.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The migrated database that all database tests share, for its owner: each test makes its own account. */
    databaseUrl: string
    /** For the superuser of the same server; see fresh-database.ts. */
    superuserDatabaseUrl: string
  }
}

/** One real Postgres for all database tests, thrown away afterwards. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // The cluster's user must be able to get here; mkdtemp makes the folder for its owner alone.
  const dataDir = await mkdtemp(join(tmpdir(), 'keystead-test-'))
  const postgres = await startPostgres(dataDir, {
    // Nobody mourns this data; what the product itself runs with is tested on the started product.
    fsync: 'off',
    full_page_writes: 'off',
    max_connections: '200',
  })
  await migrate(postgres.connectionString)
  project.provide('databaseUrl', postgres.connectionString)
  project.provide('superuserDatabaseUrl', postgres.superuserConnectionString)
  process.env.KEYSTEAD_TEST_DATABASE_URL = postgres.connectionString
  return async () => {
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}
