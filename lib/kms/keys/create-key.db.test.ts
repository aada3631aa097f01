import { randomUUID } from 'node:crypto'
import { describe, expect, inject, test } from 'vitest'
import type { Database } from '#lib/db/client.ts'
import { listKeys } from '#lib/kms/keys/list-keys.ts'
import { verifyAudit } from '../audit/verify-audit.ts'
import { keyListInput } from '../model/inputs/key-filter.ts'
import { keySpecNames, usagesOf } from '../model/key-spec.ts'
import type { KeyView } from '../model/views.ts'
import { keyInput, testWorld } from '../testing/test-world.ts'
import { inTransaction } from '../transaction.ts'
import { createDefaultKey } from './create-default-key.ts'
import { createKey } from './create-key.ts'

const world = (options: Parameters<typeof testWorld>[1] = {}) => testWorld(inject('databaseUrl'), options)

describe('creating a key', () => {
  test.for(keySpecNames)('a KMS key of %s is Enabled and has sealed material', async (spec) => {
    await using w = await world()
    const key = await w.makeKey({ spec, usage: usagesOf(spec)[0] as 'ENCRYPT_DECRYPT' })
    expect(key).toMatchObject({ state: '2', spec, origin: 'kms', hasMaterial: true, revision: 1 })
  })

  test('an external key is Pending import and has no material', async () => {
    await using w = await world()
    const key = await w.makeKey({ origin: 'external' })
    expect(key).toMatchObject({ state: '5', origin: 'external', hasMaterial: false })
  })

  test('a name is taken once per project, and free in another project', async () => {
    await using w = await world()
    await w.makeKey({ name: 'orders' })
    await expect(w.makeKey({ name: 'orders' })).rejects.toMatchObject({ code: 'keyNameTaken', field: 'name' })
    await expect(w.makeKey({ name: 'Orders' })).resolves.toMatchObject({ name: 'Orders' })
    await expect(w.makeKey({ name: 'orders', projectId: w.otherProjectId })).resolves.toBeDefined()
  })

  test('twenty people pressing OK at once share the last places of the quota', async () => {
    await using w = await world({ keyQuota: 5, connections: 20 })
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => w.makeKey()))
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(5)
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'keyQuotaReached' })
    }
  })

  test('the same form sent twice at once makes one key', async () => {
    await using w = await world()
    const input = keyInput(w.projectId)
    const [first, second] = await Promise.all([createKey(w.ctx, input), createKey(w.ctx, input)])
    expect(second.id).toBe(first.id)
    await expect(createKey(w.ctx, { ...input, name: 'other' })).rejects.toMatchObject({
      code: 'idempotencyMismatch',
    })
  })

  test.for([1, 2, 3, 4])(
    'the same form sent again is answered with its key, if the first was done before look-up %i of the second',
    async (moment) => {
      await using w = await world({ keyQuota: 1 })
      const input = keyInput(w.projectId, { origin: 'external' })
      let lookUps = 0
      let first: KeyView | undefined
      const db = w.db.$extends({
        query: {
          async $allOperations({ args, query }) {
            if (++lookUps === moment) first = await createKey(w.ctx, input)
            return query(args)
          },
        },
      }) as unknown as Database
      const second = await createKey({ ...w.ctx, db }, input)
      expect(first?.id).toBe(second.id)
    },
  )

  test('the name of a due key is free although the key was not destroyed yet', async () => {
    await using w = await world({ keyQuota: 1 })
    const key = await w.makeKey({ name: 'orders' })
    await w.ctx.db.$transaction(async (sql) => {
      await sql.$executeRaw`SELECT set_config('keystead.account', ${w.accountId}, true)`
      await sql.$executeRaw`UPDATE key SET state = '4', deletion_at = now() - interval '1 s' WHERE id = ${key.id}::uuid`
    })
    await expect(w.makeKey({ name: 'orders' })).resolves.toMatchObject({ name: 'orders' })
  })

  test('a read-only user is refused before anything is said about the name', async () => {
    await using w = await world()
    await w.makeKey({ name: 'orders' })
    const reader = await w.userWith(['KMS CMKReadOnlyAccess'])
    await expect(createKey(reader, keyInput(w.projectId, { name: 'orders' }))).rejects.toMatchObject({
      code: 'notPermitted',
    })
  })

  test('an unknown enterprise project is named at its field', async () => {
    await using w = await world()
    await expect(w.makeKey({ enterpriseProjectId: randomUUID() })).rejects.toMatchObject({
      code: 'enterpriseProjectNotFound',
      field: 'enterpriseProjectId',
    })
  })

  test('default keys are made once, are not counted and are listed on their own tab', async () => {
    await using w = await world({ keyQuota: 0 })
    const made = await Promise.all(
      [1, 2, 3].map(() => createDefaultKey(w.ctx, { projectId: w.projectId, service: 'obs' })),
    )
    expect(new Set(made.map((key) => key.id)).size).toBe(1)
    const custom = await listKeys(w.ctx, keyListInput.parse({ projectId: w.projectId }))
    expect(custom.keys).toEqual([])
    const defaults = await listKeys(w.ctx, keyListInput.parse({ projectId: w.projectId, defaultKeys: true }))
    expect(defaults.keys).toMatchObject([{ name: 'obs/default', isDefault: true }])
    expect(Object.values(defaults.keys[0]?.refusals ?? {})).not.toContain(null)
  })

  test('creations and refusals stand in an audit chain that verifies', async () => {
    await using w = await world()
    await w.makeKey({ name: 'orders' })
    await expect(w.makeKey({ name: 'orders' })).rejects.toThrow()
    const [report] = await verifyAudit(w.db, w.rootKey, { accountId: w.accountId })
    expect(report).toMatchObject({ events: 2n, problem: null })
  })
})

describe('listing', () => {
  test('an underscore is a character, not a wildcard', async () => {
    await using w = await world()
    await w.makeKey({ name: 'a_b' })
    await w.makeKey({ name: 'axb' })
    const page = await listKeys(w.ctx, keyListInput.parse({ projectId: w.projectId, name: ['a_b'] }))
    expect(page.keys.map((key) => key.name)).toEqual(['a_b'])
  })

  test('every filter narrows, together they narrow further', async () => {
    await using w = await world()
    await w.makeKey({ name: 'Prod-orders', tags: [{ key: 'env', value: 'prod' }] })
    await w.makeKey({ name: 'prod-import', origin: 'external', tags: [{ key: 'env', value: 'test' }] })
    const key = await w.makeKey({ name: 'signing', spec: 'EC_P256', usage: 'SIGN_VERIFY' })
    const names = async (filter: object): Promise<string[]> =>
      (
        await listKeys(
          w.ctx,
          keyListInput.parse({ projectId: w.projectId, sort: 'name', direction: 'asc', ...filter }),
        )
      ).keys.map((row) => row.name)
    expect(await names({})).toEqual(['prod-import', 'Prod-orders', 'signing'])
    expect(await names({ name: ['PROD'] })).toEqual(['prod-import', 'Prod-orders'])
    expect(await names({ name: ['prod'], status: ['5'] })).toEqual(['prod-import'])
    expect(await names({ tag: [{ key: 'env', value: 'prod' }] })).toEqual(['Prod-orders'])
    expect(await names({ tag: [{ key: 'env' }] })).toEqual(['prod-import', 'Prod-orders'])
    expect(await names({ text: [key.id.slice(3, 20)] })).toEqual(['signing'])
    expect(await names({ usage: ['SIGN_VERIFY'] })).toEqual(['signing'])
    expect(await names({ algorithm: ['EC_P256', 'AES_256'], origin: ['kms'] })).toEqual([
      'Prod-orders',
      'signing',
    ])
    expect(await names({ createdTo: '2000-01-01' })).toEqual([])
    expect(await names({ enterpriseProject: ['0'] })).toHaveLength(3)
  })

  test('pages do not overlap, and a page beyond the last is the last', async () => {
    await using w = await world()
    for (let i = 0; i < 12; i++) await w.makeKey()
    const page = (n: number) =>
      listKeys(w.ctx, keyListInput.parse({ projectId: w.projectId, page: n, pageSize: 10, sort: 'origin' }))
    const ids = [...(await page(1)).keys, ...(await page(2)).keys].map((key) => key.id)
    expect(new Set(ids).size).toBe(12)
    expect(await page(10_000)).toMatchObject({ page: 2, total: { count: 12, exact: true } })
  })

  test('keys of another account are nowhere', async () => {
    await using w = await world()
    await using twin = await world()
    await twin.makeKey()
    expect((await listKeys(w.ctx, keyListInput.parse({ projectId: w.projectId }))).keys).toEqual([])
    await expect(listKeys(w.ctx, keyListInput.parse({ projectId: twin.projectId }))).rejects.toMatchObject({
      code: 'projectNotFound',
    })
  })
})

test('an idempotency key that another project uses at the same moment is refused', async () => {
  await using w = await world()
  const input = keyInput(w.projectId, { origin: 'external' })
  const refused = await inTransaction(w.ctx, async ({ sql, now }) => {
    const elsewhere = { actorId: w.ctx.actor.id, inputHash: new Uint8Array(32), keyId: randomUUID() }
    const { idempotencyKey } = input
    await sql.createRequest.create({
      data: { accountId: w.accountId, idempotencyKey, ...elsewhere, createdAt: now },
    })
    const creating = createKey(w.ctx, input).catch((error: unknown) => error)
    await expect
      .poll(
        () =>
          sql.$queryRaw`SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))`,
      )
      .toHaveLength(1)
    return { creating }
  })
  expect(await refused.creating).toMatchObject({ code: 'idempotencyMismatch' })
})
