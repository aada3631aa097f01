import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { migrate } from './migrate.ts'
import { type FreshDatabase, freshDatabase } from './testing/fresh-database.ts'

let database: FreshDatabase
let folder: string

beforeEach(async () => {
  database = await freshDatabase({ migrated: false })
  folder = await mkdtemp(join(tmpdir(), 'migrations-'))
})

afterEach(async () => {
  await database[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function writeMigration(name: string, sql: string): Promise<void> {
  await mkdir(join(folder, name), { recursive: true })
  await writeFile(join(folder, name, 'migration.sql'), sql)
}

async function query<Row extends object>(sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: database.connectionString })
  await client.connect()
  return (await client.query<Row>(sql).finally(() => client.end())).rows
}

const applied = async (): Promise<string[]> =>
  (await query<{ migration_name: string }>('SELECT migration_name FROM _prisma_migrations ORDER BY 1')).map(
    (row) => row.migration_name,
  )

test('applies what is missing, in order, once', async () => {
  await writeMigration('0001_first', 'CREATE TABLE a (n int); INSERT INTO a VALUES (1);')
  await writeMigration('0002_second', 'UPDATE a SET n = n + 1;')
  await migrate(database.connectionString, folder)
  await migrate(database.connectionString, folder)
  expect(await applied()).toEqual(['0001_first', '0002_second'])
  expect(await query('SELECT n FROM a')).toEqual([{ n: 2 }])
})

test('keeps a function body with semicolons in one piece', async () => {
  await writeMigration(
    '0001_function',
    `CREATE FUNCTION twice(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN n := n * 2; RETURN n; END; $$;`,
  )
  await migrate(database.connectionString, folder)
  expect(await query('SELECT twice(21) AS n')).toEqual([{ n: 42 }])
})

test('a migration that fails leaves nothing behind and can be applied once it is mended', async () => {
  await writeMigration('0001_first', 'CREATE TABLE a (n int); SELECT 1/0;')
  await expect(migrate(database.connectionString, folder)).rejects.toThrow(
    '0001_first failed: division by zero',
  )
  expect(await applied()).toEqual([])
  await writeMigration('0001_first', 'CREATE TABLE a (n int);')
  await migrate(database.connectionString, folder)
  expect(await applied()).toEqual(['0001_first'])
})

test('a runner whose connection is killed between two migrations is resumed by the next', async () => {
  await writeMigration('0001_first', 'CREATE TABLE a (n int);')
  await writeMigration(
    '0002_second',
    'CREATE TABLE b (n int); SELECT pg_terminate_backend(pg_backend_pid()); INSERT INTO b VALUES (1);',
  )
  await expect(migrate(database.connectionString, folder)).rejects.toThrow('0002_second failed')
  expect(await applied()).toEqual(['0001_first'])
  await writeMigration('0002_second', 'CREATE TABLE b (n int);')
  await migrate(database.connectionString, folder)
  expect(await applied()).toEqual(['0001_first', '0002_second'])
})

test('a database migrated by a newer version stops the start', async () => {
  await writeMigration('0001_first', 'CREATE TABLE a (n int);')
  await writeMigration('0009_newer', 'CREATE TABLE b (n int);')
  await migrate(database.connectionString, folder)
  await rm(join(folder, '0009_newer'), { recursive: true })
  await writeMigration('0002_own', 'CREATE TABLE c (n int);')
  await expect(migrate(database.connectionString, folder)).rejects.toThrow(
    'migrated by a newer version of Keystead (0009_newer)',
  )
  expect(await applied()).toEqual(['0001_first', '0009_newer'])
})

test('a migration that was edited after it was applied stops the start', async () => {
  await writeMigration('0001_first', 'CREATE TABLE a (n int);')
  await migrate(database.connectionString, folder)
  await writeMigration('0001_first', 'CREATE TABLE a (n bigint);')
  await expect(migrate(database.connectionString, folder)).rejects.toThrow('0001_first differs')
})

test('of several runners at once one applies and the others wait', async () => {
  await writeMigration(
    '0001_first',
    'CREATE TABLE a (n int); SELECT pg_sleep(0.2); INSERT INTO a VALUES (1);',
  )
  await Promise.all(Array.from({ length: 4 }, () => migrate(database.connectionString, folder)))
  expect(await applied()).toEqual(['0001_first'])
  expect(await query('SELECT n FROM a')).toEqual([{ n: 1 }])
})

test('the role of the running product owns nothing and cannot bypass row-level security', async () => {
  await migrate(database.connectionString)
  expect(
    await query(
      `SELECT rolsuper, rolbypassrls, rolcanlogin, rolcreaterole FROM pg_roles WHERE rolname = 'keystead_app'`,
    ),
  ).toEqual([{ rolsuper: false, rolbypassrls: false, rolcanlogin: false, rolcreaterole: false }])
  expect(
    await query(`SELECT relname FROM pg_class WHERE relowner = 'keystead_app'::regrole AND relkind = 'r'`),
  ).toEqual([])
})
