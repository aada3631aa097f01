import { randomUUID } from 'node:crypto'
import { expect, inject, test } from 'vitest'
import { DatabaseProxy } from '#lib/db/testing/database-proxy.ts'
import { freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { superuser } from '#lib/kms/testing/superuser.ts'
import { testWorld } from '#lib/kms/testing/test-world.ts'
import { inTransaction } from '#lib/kms/transaction.ts'
import { operations } from './operations/index.ts'
import { sendSigned } from './testing/signed-request.ts'
import { testEndpoint } from './testing/test-endpoint.ts'

// The endpoint gives up after ten seconds; afterwards the instance is waited for as long as it may hold the key.
test('a Disable that is saved and cannot be confirmed is a 504, and the same asked again waits', async () => {
  await using database = await freshDatabase()
  await using root = await superuser(database.connectionString, inject('superuserDatabaseUrl'))
  await using proxy = await DatabaseProxy.open(database.connectionString)
  await using endpoint = await testEndpoint({ connectionString: proxy.connectionString })
  const { world, url, credentials } = endpoint
  const { id: key_id } = await world.makeKey()
  await root.run(`INSERT INTO instance (id, kind, name) VALUES ($1, 'endpoint', 'silent')`, [randomUUID()])
  const disable = (at: Date) =>
    sendSigned(url, credentials, {
      method: 'POST',
      url: `/v1.0/${world.projectId}/kms/disable-key`,
      body: JSON.stringify({ key_id }),
      at,
    })
  const now = new Date()
  const answer = disable(now)
  // Fenced by the endpoint, so it has been told of its commit; the lease of the silent one still runs.
  await expect
    .poll(() => root.run(`SELECT 1 AS fenced FROM instance WHERE name = 'silent' AND fenced_at IS NOT NULL`))
    .toEqual([{ fenced: 1 }])
  expect(await root.run('SELECT state FROM key WHERE id = $1', [key_id])).toEqual([{ state: '3' }])
  proxy.set('cut')
  expect(await answer).toMatchObject({ status: 504, body: expect.stringContaining('Keystead.0013') })
  proxy.set('open')
  const again = await disable(new Date(now.getTime() - 5_000))
  expect(again).toMatchObject({ status: 400, body: expect.stringContaining('KMS.1301') })
  expect(await root.run('SELECT count(*)::int AS open FROM invalidation WHERE closed_at IS NULL')).toEqual([
    { open: 0 },
  ])
})

test.for([
  ['CreateKey', {}],
  ['ReplicateKey', { replica_region: 'region-2' }],
] as const)('%s asks the database nothing more once the key is made', async ([id, more]) => {
  await using w = await testWorld(inject('databaseUrl'))
  const { id: key_id } = await w.makeKey()
  const made = () =>
    inTransaction(w.ctx, ({ sql }) => sql.key.count({ where: { accountId: w.accountId, name: 'made' } }))
  /** Gone from the moment on at which the key is there. */
  const db = new Proxy(w.db, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (name !== '$transaction') return value.bind(target)
      return async (...args: unknown[]) => {
        if ((await made()) > 0) throw new Error('Connection terminated unexpectedly')
        return value.apply(target, args)
      }
    },
  })
  const operation = operations.find((one) => one.id === id)
  const body = operation?.body?.parse({
    key_id,
    key_alias: 'made',
    replica_project_id: w.otherProjectId,
    ...more,
  })
  const input = { projectId: w.projectId, params: { key_id }, query: {}, body }
  await expect(operation?.run({ ...w.ctx, db }, input)).resolves.toBeDefined()
  expect(await made()).toBe(1)
})
