import { chmod, mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startPostgres } from './start-postgres.ts'

let parent: string
let dataDir: string

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'embedded-'))
  // Whichever user runs Postgres may walk through; one test takes that away.
  await chmod(parent, 0o755)
  dataDir = join(parent, 'data')
})

afterEach(() => rm(parent, { recursive: true, force: true }))

async function ask(connectionString: string, sql: string): Promise<object[]> {
  const client = new Client({ connectionString })
  await client.connect()
  return (await client.query(sql).finally(() => client.end())).rows
}

test('a second start finds what the first one left', async () => {
  const first = await startPostgres(dataDir)
  await ask(first.connectionString, `CREATE TABLE memory AS SELECT 'kept' AS what`)
  await first.stop()
  const second = await startPostgres(dataDir)
  expect(await ask(second.connectionString, 'SELECT what, current_user AS who FROM memory')).toEqual([
    { what: 'kept', who: 'keystead' },
  ])
  await second.stop()
})

test('a postmaster that nobody watches any more is stopped, and nothing is lost', async () => {
  const left = await startPostgres(dataDir)
  await ask(left.connectionString, `CREATE TABLE memory AS SELECT 'kept' AS what`)
  const next = await startPostgres(dataDir)
  await left.ended
  expect(await ask(next.connectionString, 'SELECT what FROM memory')).toEqual([{ what: 'kept' }])
  await next.stop()
})

test('a postmaster killed while sessions are open is followed by one that recovers', async () => {
  const killed = await startPostgres(dataDir)
  const session = new Client({ connectionString: killed.connectionString })
  session.on('error', () => undefined)
  await session.connect()
  await session.query(`CREATE TABLE memory AS SELECT 'kept' AS what`)
  process.kill(killed.pid, 'SIGKILL')
  await killed.ended
  const next = await startPostgres(dataDir)
  expect(await ask(next.connectionString, 'SELECT what FROM memory')).toEqual([{ what: 'kept' }])
  await next.stop()
})

test('a cluster that was half made is made anew', async () => {
  const first = await startPostgres(dataDir)
  await first.stop()
  const home = await realpath(join(dataDir, 'db'))
  await rm(join(home, 'cluster'), { recursive: true })
  await mkdir(join(home, 'cluster.new'))
  await writeFile(join(home, 'cluster.new', 'PG_VERSION'), '18')
  const second = await startPostgres(dataDir)
  expect(await ask(second.connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  await second.stop()
})

test('a data folder whose path is too long for a socket gets a private folder for it elsewhere', async () => {
  dataDir = join(parent, 'a-long-name-'.repeat(8))
  const postgres = await startPostgres(dataDir)
  const socket = new URL(postgres.connectionString).searchParams.get('host') ?? ''
  expect(dirname(socket)).toBe(tmpdir())
  expect((await stat(socket)).mode & 0o777).toBe(0o700)
  expect(await ask(postgres.connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  await postgres.stop()
  const again = await startPostgres(dataDir)
  expect(new URL(again.connectionString).searchParams.get('host')).toBe(socket)
  await again.stop()
  await rm(socket, { recursive: true, force: true })
})

test('a data folder that only its starter can reach works too, for root as for others', async () => {
  await chmod(parent, 0o700)
  const postgres = await startPostgres(dataDir)
  const home = await realpath(join(dataDir, 'db'))
  // Root lends the database another user, who cannot get into this folder; anybody else runs it as himself.
  if (process.getuid?.() === 0) expect(home).toMatch(/^\/var\/lib\/keystead\/db-/)
  else expect(home).toBe(join(dataDir, 'db'))
  await postgres.stop()
  const again = await startPostgres(dataDir)
  expect(await ask(again.connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  await again.stop()
  await rm(home, { recursive: true })
})

test('the log repeats neither a failed statement nor the values it failed on', async () => {
  const postgres = await startPostgres(dataDir)
  await expect(ask(postgres.connectionString, `SELECT 'a-secret'::int`)).rejects.toThrow()
  await expect(
    ask(postgres.connectionString, `CREATE TABLE t (n int UNIQUE); INSERT INTO t VALUES (1), (1)`),
  ).rejects.toThrow()
  await postgres.stop()
  const log = await readFile(join(dataDir, 'db', 'postgres.log'), 'utf8')
  expect(log).not.toMatch(/STATEMENT|DETAIL/)
})
