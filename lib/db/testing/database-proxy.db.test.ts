import { setImmediate } from 'node:timers/promises'
import { Client } from 'pg'
import { afterEach, expect, inject, test, vi } from 'vitest'
import { DatabaseProxy } from './database-proxy.ts'

afterEach(() => {
  vi.useRealTimers()
})

/** From now on time passes for the proxy only as `pass` says, however long the database takes. */
function clock() {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  return {
    pass: (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds),
    /** Waits until an answer is kept back. Vitest's own waiting would let time pass. */
    keptBack: async () => {
      while (vi.getTimerCount() === 0) await setImmediate()
    },
  }
}

async function connected(connectionString: string, name = 'one'): Promise<Client> {
  const client = new Client({ connectionString, application_name: name })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

test('passes queries on, until it is cut; and again once it is mended', async () => {
  await using proxy = await DatabaseProxy.open(inject('databaseUrl'))
  const before = await connected(proxy.connectionString)
  expect((await before.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  proxy.set('cut')
  await expect(before.query('SELECT 1')).rejects.toThrow()
  await expect(connected(proxy.connectionString)).rejects.toThrow()
  proxy.set('open')
  const after = await connected(proxy.connectionString)
  expect((await after.query('SELECT 2 AS two')).rows).toEqual([{ two: 2 }])
  await after.end()
})

test('keeps back what is said while it is silent', async () => {
  await using proxy = await DatabaseProxy.open(inject('databaseUrl'))
  const client = await connected(proxy.connectionString)
  proxy.set('silent')
  const asked = client.query('SELECT 3 AS three')
  const other = await connected(inject('databaseUrl'))
  expect((await other.query(`SELECT 4 AS four`)).rows).toEqual([{ four: 4 }])
  await other.end()
  proxy.set('open')
  expect((await asked).rows).toEqual([{ three: 3 }])
  await client.end()
})

test('delivers the answers of the named connections late, in their order', async () => {
  await using proxy = await DatabaseProxy.open(inject('databaseUrl'))
  const late = await connected(proxy.connectionString, 'late')
  const prompt = await connected(proxy.connectionString, 'prompt')
  const { pass, keptBack } = clock()
  proxy.set({ milliseconds: 200, applicationName: 'late', answers: 'all' })
  const order: string[] = []
  const first = late.query('SELECT 1').then(() => order.push('late, first'))
  await keptBack()
  await pass(199)
  await prompt.query('SELECT 3').then(() => order.push('prompt'))
  await pass(1)
  await first
  const second = late.query('SELECT 2').then(() => order.push('late, second'))
  await keptBack()
  await pass(200)
  await second
  expect(order).toEqual(['prompt', 'late, first', 'late, second'])
  await late.end()
  await prompt.end()
})

test('can keep back only what says that a transaction is committed', async () => {
  await using proxy = await DatabaseProxy.open(inject('databaseUrl'))
  const client = await connected(proxy.connectionString)
  const { pass, keptBack } = clock()
  proxy.set({ milliseconds: 200, applicationName: 'one', answers: 'to COMMIT' })
  await client.query('BEGIN')
  await client.query('SELECT 1')
  let told = false
  const committed = client.query('COMMIT').then(() => {
    told = true
  })
  await keptBack()
  await pass(199)
  expect(told).toBe(false)
  await pass(1)
  await committed
  proxy.set('open')
  await client.end()
})
