import { Client } from 'pg'
import { expect, inject, test } from 'vitest'
import { DatabaseProxy } from './database-proxy.ts'

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
  proxy.set({ milliseconds: 200, applicationName: 'late', answers: 'all' })
  const order: string[] = []
  await Promise.all([
    late.query('SELECT 1').then(() => order.push('late, first')),
    late.query('SELECT 2').then(() => order.push('late, second')),
    prompt.query('SELECT 3').then(() => order.push('prompt')),
  ])
  expect(order).toEqual(['prompt', 'late, first', 'late, second'])
  await late.end()
  await prompt.end()
})

test('can keep back only what says that a transaction is committed', async () => {
  await using proxy = await DatabaseProxy.open(inject('databaseUrl'))
  const client = await connected(proxy.connectionString)
  proxy.set({ milliseconds: 200, applicationName: 'one', answers: 'to COMMIT' })
  const begun = performance.now()
  await client.query('BEGIN')
  await client.query('SELECT 1')
  const asked = performance.now()
  await client.query('COMMIT')
  expect(asked - begun).toBeLessThan(200)
  expect(performance.now() - asked).toBeGreaterThanOrEqual(199)
  await client.end()
})
