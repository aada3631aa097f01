import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, DatabaseError } from 'pg'
import { StartProblem } from '#lib/start-problem.ts'
import { openDirectConnection } from './direct-connection.ts'

/** Any fixed number: whoever migrates a database holds this advisory lock in it. */
const MIGRATION_LOCK = 4_839_201_733

const OWN_MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))

type Migration = { name: string; sql: string; checksum: string }

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

/**
 * Brings a database up to date. One dedicated connection holds an advisory lock, so that of several starts at once
 * one migrates and the others find nothing left to do; each migration is one transaction together with its row in
 * `_prisma_migrations`, so that a crash leaves it either whole or absent.
 *
 * @param connectionString for the role that owns the database, over a direct connection.
 * @param folder of the migrations; only tests pass one.
 * @throws StartProblem when the database was migrated by a newer version, when a migration was edited after it was
 * applied, behind a transaction pooler, or when the role lacks a right; the message says what to do.
 */
export async function migrate(connectionString: string, folder: string = OWN_MIGRATIONS): Promise<void> {
  const migrations = await readMigrations(folder)
  const client = await openDirectConnection(connectionString, 'keystead migrations')
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK])
    await makeApplicationRole(client)
    await makeSearchExtension(client)
    await makeHistory(client)
    const pending = await notYetApplied(client, migrations)
    for (const migration of pending) await apply(client, migration)
  } finally {
    // Ends the session, and with it the advisory lock.
    await client.end()
  }
}

async function makeHistory(client: Client): Promise<void> {
  try {
    await client.query(`
      CREATE TABLE IF NOT EXISTS _prisma_migrations (
        id varchar(36) PRIMARY KEY,
        checksum varchar(64) NOT NULL,
        finished_at timestamptz,
        migration_name varchar(255) NOT NULL,
        logs text,
        rolled_back_at timestamptz,
        started_at timestamptz NOT NULL DEFAULT now(),
        applied_steps_count integer NOT NULL DEFAULT 0
      )`)
  } catch (error) {
    if (!isPostgresError(error, ['42501'])) throw error
    throw new StartProblem(
      'The user of DATABASE_URL may not make tables in the schema public: make it the owner of the database, then start again.',
    )
  }
}

async function notYetApplied(client: Client, migrations: Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<{ migration_name: string; checksum: string }>(
    'SELECT migration_name, checksum FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY migration_name',
  )
  for (const { migration_name: name, checksum } of rows) {
    const own = migrations.find((migration) => migration.name === name)
    if (!own) {
      throw new StartProblem(
        `The database was migrated by a newer version of Keystead (${name}): start that version or a later one.`,
      )
    }
    if (own.checksum !== checksum) {
      throw new StartProblem(
        `The migration ${name} differs from the one that this database was made with: restore the file as it was released.`,
      )
    }
  }
  const applied = new Set(rows.map((row) => row.migration_name))
  return migrations.filter((migration) => !applied.has(migration.name))
}

async function apply(client: Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(sql)
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
       VALUES ($1, $2, clock_timestamp(), $3, now(), 1)`,
      [randomUUID(), checksum, name],
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw new Error(`Migration ${name} failed: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
}

/** The role that the running product becomes: it owns nothing and row-level security binds it. */
async function makeApplicationRole(client: Client): Promise<void> {
  const { rows } = await client.query<{ owner: string; role_exists: boolean; may_become: boolean }>(`
    SELECT current_user AS owner,
           EXISTS (SELECT FROM pg_roles WHERE rolname = 'keystead_app') AS role_exists,
           (SELECT pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = 'keystead_app') AS may_become`)
  const { owner, role_exists: exists, may_become: mayBecome } = rows[0] as (typeof rows)[number]
  if (mayBecome) return
  try {
    if (!exists) await client.query('CREATE ROLE keystead_app NOLOGIN')
    await client.query('GRANT keystead_app TO CURRENT_USER')
  } catch (error) {
    // Roles belong to the whole server: another database's migration may have made it meanwhile.
    if (isPostgresError(error, ['42710', '23505'])) return makeApplicationRole(client)
    if (!isPostgresError(error, ['42501'])) throw error
    throw new StartProblem(
      `The database role "${owner}" may not make roles: as an administrator run CREATE ROLE keystead_app NOLOGIN; GRANT keystead_app TO ${client.escapeIdentifier(owner)}; then start again.`,
    )
  }
}

async function makeSearchExtension(client: Client): Promise<void> {
  try {
    await client.query('CREATE EXTENSION IF NOT EXISTS pg_trgm')
  } catch (error) {
    if (!isPostgresError(error, ['42501', '0A000', '58P01'])) throw error
    throw new StartProblem(
      'The search for names needs the extension pg_trgm and this database role may not create it: as an administrator run CREATE EXTENSION pg_trgm in this database, then start again.',
    )
  }
}

const isPostgresError = (error: unknown, codes: string[]): boolean =>
  error instanceof DatabaseError && error.code !== undefined && codes.includes(error.code)
