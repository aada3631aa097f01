import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { openDatabase } from '#lib/db/client.ts'
import type { Prisma } from '#lib/db/generated/client.ts'
import { type FreshDatabase, freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { type FullAccount, fullAccount } from './testing/full-account.ts'
import { type Superuser, superuser } from './testing/superuser.ts'
import { type Table, tablesOf } from './testing/tables.ts'
import { inSystemTransaction, inTransaction } from './transaction.ts'

/** Without an account: rows of the installation, which no account may see. */
const installationTables = [
  'installation',
  'iam_session',
  'iam_credential',
  'iam_verification',
  'sign_in_throttle',
]
/** Without an account, and no secret: every account waits for every process. */
const sharedTables = ['instance', 'invalidation_acknowledgement']

let dataDir: string
let database: FreshDatabase
let root: Superuser
let own: FullAccount
let twin: FullAccount
let tables: Table[]

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'keystead-rls-'))
  database = await freshDatabase()
  root = await superuser(database.connectionString, inject('superuserDatabaseUrl'))
  own = await fullAccount(database.connectionString, dataDir)
  twin = await fullAccount(database.connectionString, dataDir)
  tables = await tablesOf(root)
  await root.run(`
    INSERT INTO installation (root_key_id, auth_secret_sealed) VALUES ('\\x01', '\\x02');
    INSERT INTO sign_in_throttle (subject) VALUES ('email:x');
    INSERT INTO iam_verification (id, identifier, value, expires_at) VALUES (gen_random_uuid(), 'x', 'y', now());
    INSERT INTO instance (id, kind) VALUES ('00000000-0000-4000-8000-000000000001', 'console');
    INSERT INTO invalidation_acknowledgement SELECT min(id), '00000000-0000-4000-8000-000000000001' FROM invalidation`)
})

afterAll(async () => {
  await own[Symbol.asyncDispose]()
  await twin[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true })
})

const ofAccounts = (): (Table & { accountColumn: string })[] =>
  tables.filter(
    (table): table is Table & { accountColumn: 'account_id' | 'id' } => table.accountColumn !== null,
  )

const count = async (sql: Prisma.TransactionClient, table: string): Promise<number> => {
  const [row] = await sql.$queryRawUnsafe<[{ rows: bigint }]>(`SELECT count(*) AS rows FROM "${table}"`)
  return Number(row.rows)
}

/**
 * Runs one statement as the application in one account, with foreign keys and triggers off, so that nothing but
 * privileges and policies can stop it, and takes everything back. Answers the rows, or the error's message.
 */
async function attempt(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[] | string> {
  await root.run('BEGIN')
  try {
    await root.run('SET LOCAL ROLE keystead_app')
    await root.run(`SELECT set_config('keystead.account', $1, true)`, [own.accountId])
    return await root.run(sql, values)
  } catch (error) {
    return (error as Error).message
  } finally {
    await root.run('ROLLBACK')
  }
}

describe('the tables', () => {
  test('all have row-level security and a policy', () => {
    expect(tables.filter((table) => !table.rowSecurity || table.policies === 0)).toEqual([])
  })

  test('belong to an account, but for those named here', () => {
    const without = tables.filter((table) => table.accountColumn === null).map(({ name }) => name)
    expect(without).toEqual([...installationTables, ...sharedTables].toSorted())
  })

  test('all hold rows in this test, of both accounts', async () => {
    for (const { name, accountColumn } of tables) {
      if (!accountColumn) {
        expect.soft(await root.run(`SELECT 1 FROM "${name}"`), name).not.toEqual([])
        continue
      }
      const accounts = await root.run(`SELECT DISTINCT ${accountColumn} AS account FROM "${name}"`)
      const ids = accounts.map(({ account }) => account)
      expect.soft(ids, name).toContain(own.accountId)
      expect.soft(ids, name).toContain(twin.accountId)
    }
  })
})

describe('the role of the application', () => {
  test('is no superuser, cannot bypass policies, make roles or databases, or sign in', async () => {
    expect(
      await root.run(
        `SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication
         FROM pg_roles WHERE rolname = 'keystead_app'`,
      ),
    ).toEqual([
      {
        rolsuper: false,
        rolbypassrls: false,
        rolcreaterole: false,
        rolcreatedb: false,
        rolcanlogin: false,
        rolreplication: false,
      },
    ])
  })

  test('owns nothing and is a member of no other role', async () => {
    expect(
      await root.run(
        `SELECT classid::regclass::text AS kind, objid FROM pg_shdepend
         WHERE refclassid = 'pg_authid'::regclass AND refobjid = 'keystead_app'::regrole AND deptype = 'o'`,
      ),
    ).toEqual([])
    expect(
      await root.run(
        `SELECT roleid::regrole::text FROM pg_auth_members WHERE member = 'keystead_app'::regrole`,
      ),
    ).toEqual([])
  })

  test('is what the connections of the application are', async () => {
    const [row] = await own.db.$queryRaw<object[]>`
      SELECT current_user::text AS role, pg_has_role(current_user, 'keystead', 'MEMBER') AS owner`
    expect(row).toEqual({ role: 'keystead_app', owner: false })
  })

  test('passes policies by through one function that applies the account itself, and three that answer processes', async () => {
    expect(
      await root.run(
        `SELECT proname, pg_get_function_result(oid) AS answers FROM pg_proc
         WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY proname`,
      ),
    ).toEqual([
      { proname: 'keystead_close_invalidations', answers: 'TABLE(id uuid, name text, fenced boolean)' },
      { proname: 'keystead_fence_instances', answers: 'void' },
      { proname: 'keystead_forget_instances', answers: 'void' },
      { proname: 'keystead_keys_like', answers: 'TABLE(id uuid)' },
    ])
    const found = (project: string) =>
      attempt(`SELECT id FROM keystead_keys_like($1, false, '%', '%', 1000)`, [project])
    expect(await found(own.projectId)).not.toEqual([])
    expect(await found(twin.projectId)).toEqual([])
    expect(
      await root.run(
        `SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace`,
      ),
    ).toEqual([])
  })
})

test('without an account every table is empty, and nothing can be written', async () => {
  const db = openDatabase(database.connectionString, { connections: 1, applicationName: 'keystead-test' })
  try {
    for (const { name } of tables) {
      expect.soft(await db.$transaction((sql) => count(sql, name)), name).toBe(0)
    }
    await expect(
      db.$executeRaw`INSERT INTO region (account_id, id, name, position) VALUES (${own.accountId}::uuid, 'x', 'x', 9)`,
    ).rejects.toThrow('row-level security')
  } finally {
    await db.$disconnect()
  }
})

test.for(['', 'yes', 'true', 'sign-in ', 'migrations'])('"%s" is no system context', async (purpose) => {
  const rows = await own.db.$transaction(async (sql) => {
    await sql.$queryRaw`SELECT set_config('keystead.system', ${purpose}, true)`
    return count(sql, 'account')
  })
  expect(rows).toBe(0)
})

test('an account or a system context ends with its transaction', async () => {
  const db = openDatabase(database.connectionString, { connections: 1, applicationName: 'keystead-test' })
  try {
    expect(await inTransaction({ ...own.ctx, db }, (tx) => count(tx.sql, 'key'))).toBeGreaterThan(0)
    expect(await inSystemTransaction(db, 'jobs', (sql) => count(sql, 'key'))).toBeGreaterThan(0)
    expect(await db.$transaction((sql) => count(sql, 'key'))).toBe(0)
  } finally {
    await db.$disconnect()
  }
})

test('in an account every table shows the rows of this account and no other', async () => {
  for (const { name, accountColumn } of tables) {
    const seen = await attempt(`SELECT t::text AS row FROM "${name}" t ORDER BY 1`)
    if (accountColumn) {
      const mine = `SELECT t::text AS row FROM "${name}" t WHERE ${accountColumn} = $1 ORDER BY 1`
      expect.soft(seen, name).toEqual(await root.run(mine, [own.accountId]))
    } else if (installationTables.includes(name)) expect.soft(seen, name).toEqual([])
    else expect.soft(seen, name).toHaveLength(1)
  }
})

describe('raw SQL without a condition', () => {
  const refused = /permission denied/

  test('updates rows of this account only', async () => {
    for (const { name, accountColumn } of ofAccounts()) {
      const columns = (await root.run(
        `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
           AND attidentity = '' AND has_column_privilege('keystead_app', attrelid, attnum, 'UPDATE') ORDER BY attnum LIMIT 1`,
        [`"${name}"`],
      )) as { name: string }[]
      const column = columns[0]?.name
      if (column === undefined) {
        expect.soft(['audit_event', 'tombstone'], `${name} cannot be updated`).toContain(name)
        continue
      }
      const updated = await attempt(
        `UPDATE "${name}" SET "${column}" = "${column}" RETURNING ${accountColumn} AS account`,
      )
      expect.soft(updated, name).not.toEqual([])
      expect.soft(accountsIn(updated), name).toEqual([own.accountId])
    }
  })

  test('deletes rows of this account only', async () => {
    for (const { name, accountColumn } of ofAccounts()) {
      const deleted = await attempt(`DELETE FROM "${name}" RETURNING ${accountColumn} AS account`)
      if (typeof deleted === 'string') {
        expect.soft(deleted, name).toMatch(refused)
        expect.soft(['account', 'audit_chain', 'audit_event', 'tombstone'], name).toContain(name)
      } else expect.soft(accountsIn(deleted), name).toEqual([own.accountId])
    }
  })

  test('of the installation finds nothing', async () => {
    for (const name of installationTables) {
      const deleted = await attempt(`DELETE FROM "${name}" RETURNING 1`)
      if (typeof deleted === 'string') expect.soft(deleted, name).toMatch(refused)
      else expect.soft(deleted, name).toEqual([])
    }
  })

  test('inserts no row for another account', async () => {
    for (const { name, accountColumn } of ofAccounts()) {
      const [row] = await root.run(
        `SELECT to_jsonb(t) AS row FROM "${name}" t WHERE ${accountColumn} = $1 LIMIT 1`,
        [twin.accountId],
      )
      const inserted = await attempt(
        `INSERT INTO "${name}" OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(NULL::"${name}", $1)).*`,
        [row?.row],
      )
      expect.soft(inserted, name).toMatch(/row-level security/)
    }
  })

  test('gives no row to another account', async () => {
    for (const { name, accountColumn } of ofAccounts()) {
      const given = await attempt(`UPDATE "${name}" SET ${accountColumn} = $1`, [twin.accountId])
      expect.soft(given, name).toMatch(/row-level security|permission denied/)
    }
  })
})

const accountsIn = (rows: Record<string, unknown>[] | string): unknown =>
  typeof rows === 'string' ? rows : [...new Set(rows.map(({ account }) => account))]
