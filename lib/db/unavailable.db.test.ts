import { setTimeout } from 'node:timers/promises'
import { expect, inject, test } from 'vitest'
import { openDatabase } from './client.ts'
import { DatabaseProxy } from './testing/database-proxy.ts'
import { isUnavailable } from './unavailable.ts'

const options = { connections: 1, applicationName: 'keystead-test' }

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => error,
  )
}

test('a server that is not there is unavailable', async () => {
  const db = openDatabase('postgresql://nobody@127.0.0.1:1/nothing', options)
  expect(isUnavailable(await failure(db.$queryRaw`SELECT 1`))).toBe(true)
  expect(isUnavailable(await failure(db.$transaction((sql) => sql.$queryRaw`SELECT 1`)))).toBe(true)
  await db.$disconnect()
})

test('a pool whose connections are all taken is unavailable', async () => {
  const db = openDatabase(inject('databaseUrl'), options)
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const holding = db.$transaction(async (sql) => {
    await sql.$queryRaw`SELECT 1`
    begin()
    await released
  })
  await begun
  expect(isUnavailable(await failure(db.$transaction((sql) => sql.$queryRaw`SELECT 1`)))).toBe(true)
  release()
  await holding
  await db.$disconnect()
})

test('a server that ends connections, whatever it is asked meanwhile, is unavailable', async () => {
  await using proxy = await DatabaseProxy.open(inject('databaseUrl'))
  const db = openDatabase(proxy.connectionString, { ...options, connections: 4 })
  const ask = (): Promise<unknown>[] =>
    Array.from({ length: 4 }, () => db.$transaction((sql) => sql.$queryRaw`SELECT pg_sleep(0.05)::text`))
  await Promise.all(ask())
  const asked = ask()
  proxy.set('cut')
  for (const one of [...asked, ...ask(), ...ask()]) expect(isUnavailable(await failure(one))).toBe(true)
  await db.$disconnect()
})

test('a transaction that the server gave up, since the process did not come to its next statement, is unavailable', async () => {
  // By way of the proxy the next statement is sent before it is read that there is no connection any more.
  await using proxy = await DatabaseProxy.open(inject('databaseUrl'))
  const db = openDatabase(proxy.connectionString, { ...options, transactionSeconds: 0.1 })
  const standStill = () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
  }
  for (const wait of [standStill, () => setTimeout(300)]) {
    const work = db.$transaction(async (sql) => {
      await sql.$queryRaw`SELECT 1`
      await wait()
      await sql.$queryRaw`SELECT 2`
    })
    expect(isUnavailable(await failure(work))).toBe(true)
  }
  await db.$disconnect()
})

test('a mistake in a statement is not', async () => {
  const db = openDatabase(inject('databaseUrl'), options)
  expect(isUnavailable(await failure(db.$queryRaw`SELECT nothing`))).toBe(false)
  expect(isUnavailable(new Error('something else'))).toBe(false)
  await db.$disconnect()
})
