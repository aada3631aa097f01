import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, openDatabase, poolOf, poolStatistics } from '#lib/db/client.ts'
import { type EmbeddedPostgres, startPostgres } from '#lib/db/embedded/start-postgres.ts'
import { migrate } from '#lib/db/migrate.ts'
import { DatabaseProxy } from '#lib/db/testing/database-proxy.ts'
import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import { RootKey } from '#lib/kms/root-key/root-key.ts'
import { createEndpoint } from './create-endpoint.ts'
import { type Readiness, readinessOf } from './health.ts'

/** A server of its own: how it replicates is a setting of the whole server. */
let postgres: EmbeddedPostgres
let dataDir: string
let db: Database
let superuser: Client

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'keystead-test-'))
  postgres = await startPostgres(dataDir, { fsync: 'off', wal_level: 'replica', max_wal_senders: '2' })
  await migrate(postgres.connectionString)
  db = openDatabase(postgres.connectionString, { connections: 2, applicationName: 'keystead-test' })
  superuser = new Client({ connectionString: postgres.superuserConnectionString })
  await superuser.connect()
})

afterAll(async () => {
  await superuser.end()
  await db.$disconnect()
  await postgres.stop()
  await rm(dataDir, { recursive: true, force: true })
})

/** A connection such as a standby makes, which the server lists as one that replicates. */
async function standby(): Promise<AsyncDisposable> {
  const url = new URL(postgres.superuserConnectionString)
  const client = new Client({ connectionString: url.href, replication: 'database' } as object)
  await client.connect()
  return { [Symbol.asyncDispose]: () => client.end() }
}

/** Waits for a busy machine. */
const patient = (database: Database, lease?: { holds: boolean }) =>
  readinessOf(database, lease, { patienceMilliseconds: 20_000 })

/** Connects anew: what is set for a database holds for new connections. */
async function onNewConnections<T>(work: (readiness: () => Promise<Readiness>) => Promise<T>): Promise<T> {
  const fresh = openDatabase(postgres.connectionString, { connections: 1, applicationName: 'keystead-test' })
  try {
    return await work(patient(fresh))
  } finally {
    await fresh.$disconnect()
  }
}

test('a database that answers is ready, and one without a standby promises nothing that could break', async () => {
  expect(await patient(db)()).toEqual({ status: 'ready', warnings: [] })
})

test('a database that somebody has made read-only is not ready, though it is no standby', async () => {
  const name = new URL(postgres.connectionString).pathname.slice(1)
  await superuser.query(`ALTER DATABASE "${name}" SET default_transaction_read_only = on`)
  try {
    expect(await onNewConnections((readiness) => readiness())).toMatchObject({
      status: 'database is read-only',
    })
  } finally {
    await superuser.query('SET default_transaction_read_only = off')
    await superuser.query(`ALTER DATABASE "${name}" RESET default_transaction_read_only`)
  }
})

test('replication that is not waited for is warned of, and synchronous replication is not', async () => {
  await using _standby = await standby()
  const asynchronous = (why: string) => ({
    status: 'ready',
    warnings: [`Replication is asynchronous (${why}): a failover can undo a Disable.`],
  })
  expect(await patient(db)()).toEqual(asynchronous('synchronous_standby_names is empty'))
  await superuser.query(`ALTER SYSTEM SET synchronous_standby_names = '*'`)
  await superuser.query('SELECT pg_reload_conf()')
  await expect.poll(patient(db)).toEqual({ status: 'ready', warnings: [] })
  for (const value of ['off', 'local']) {
    await superuser.query('SET synchronous_commit = local')
    await superuser.query(`ALTER DATABASE keystead SET synchronous_commit = ${value}`)
    await onNewConnections(async (readiness) =>
      expect(await readiness()).toEqual(asynchronous(`synchronous_commit is ${value}`)),
    )
  }
})

test('without a lease it is ready, and says so', async () => {
  const lease = { holds: false }
  const readiness = patient(db, lease)
  const warning = 'No lease is held, so nothing is cached and every call asks the database.'
  expect(await readiness()).toEqual({ status: 'ready', warnings: [warning] })
  lease.holds = true
  expect(await readiness()).toEqual({ status: 'ready', warnings: [] })
})

/** Opens as many connections as an endpoint does. */
function opened(connectionString: string): { db: Database } & AsyncDisposable {
  const database = openDatabase(connectionString, { connections: 5, applicationName: 'keystead-test' })
  return { db: database, [Symbol.asyncDispose]: () => database.$disconnect() }
}

test('a database that is not there is noticed, with the cause', async () => {
  await using nowhere = opened('postgresql://nobody@127.0.0.1:9/nothing')
  expect(await patient(nowhere.db)()).toEqual({
    status: 'no database',
    warnings: [],
    cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
  })
})

test('a database that says nothing is waited for no longer than patience lasts, and is ready once it answers', async () => {
  await using link = await DatabaseProxy.open(postgres.connectionString)
  await using far = opened(link.connectionString)
  const status = async () => (await patient(far.db)()).status
  expect(await status()).toBe('ready')
  const impatient = readinessOf(far.db, undefined, { patienceMilliseconds: 20 })
  const letGo = once(poolOf(far.db), 'remove')
  link.set('silent')
  for (let each = 0; each < 20; each++) {
    // First on the connection there was, which never answers; then without one.
    expect(await Promise.all([impatient(), impatient(), impatient()])).toEqual(
      Array(3).fill({ status: 'no database', warnings: [], cause: expect.any(Error) }),
    )
    const { size, idle, waiting } = poolStatistics(far.db)
    expect({ used: size - idle, waiting }).toEqual({
      used: expect.toSatisfy((used) => used <= 1),
      waiting: 0,
    })
  }
  await letGo
  link.set('open')
  expect(await status()).toBe('ready')
})

test('everyone learns whether it is ready, and only who may see them the warnings', async () => {
  const readiness: Readiness = { status: 'ready', warnings: ['Replication is asynchronous.'] }
  const endpoint = createEndpoint({
    db,
    rootKey: new RootKey(KeyMaterial.random(32)),
    readiness: async () => readiness,
    endpointUrl: 'http://kms.test',
    log: null,
    metricsToken: 'a-token-of-the-operator',
  })
  const ask = async (headers: Record<string, string>) => {
    const answer = await endpoint.inject({ url: '/readyz', headers })
    return { code: answer.statusCode, ...answer.json() }
  }
  expect(await ask({ host: 'localhost' })).toEqual({ code: 200, ...readiness })
  expect(await ask({ host: 'localhost', 'x-forwarded-for': '192.0.2.1' })).toEqual({
    code: 200,
    status: 'ready',
  })
  expect(
    await ask({ 'x-forwarded-for': '192.0.2.1', authorization: 'Bearer a-token-of-the-operator' }),
  ).toEqual({ code: 200, ...readiness })
  readiness.status = 'no database'
  readiness.warnings = []
  expect(await ask({ via: '1.1 proxy' })).toEqual({ code: 503, status: 'no database' })
  await endpoint.close()
})
