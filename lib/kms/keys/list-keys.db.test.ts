import { describe, expect, inject, test } from 'vitest'
import { createEnterpriseProject } from '../enterprise-projects/create-enterprise-project.ts'
import { type KeyListInput, keyListInput, sortColumns } from '../model/inputs/key-filter.ts'
import type { KeyView } from '../model/views.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { inTransaction } from '../transaction.ts'
import { listKeys } from './list-keys.ts'

const input = (w: TestWorld, more: object): KeyListInput =>
  keyListInput.parse({ projectId: w.projectId, ...more })

const namesOf = async (w: TestWorld, more: object): Promise<string[]> =>
  (await listKeys(w.ctx, input(w, more))).keys.map((key) => key.name).toSorted()

describe('sorting', () => {
  test.for(sortColumns.flatMap((sort) => [[sort, 'asc'] as const, [sort, 'desc'] as const]))(
    'by %s, %s: the pages hold every key once, in one order',
    async ([sort, direction]) => {
      await using w = await testWorld(inject('databaseUrl'))
      const projects = ['0']
      for (const name of ['beta', 'Alpha', 'gamma']) {
        projects.push((await createEnterpriseProject(w.ctx, { name })).id)
      }
      for (let number = 0; number < 25; number++) {
        await w.makeKey({
          name: `${number % 2 ? 'Key' : 'key'}-${(number * 7) % 25}`,
          origin: number % 3 ? 'kms' : 'external',
          enterpriseProjectId: projects[number % 4] as string,
          ...(number % 5 ? {} : { spec: 'SM4' }),
        })
      }
      await inTransaction(
        w.ctx,
        (tx) => tx.sql.$executeRaw`
        UPDATE key_activity SET calls_30_days = get_byte(uuid_send(key_id), 0) % 5,
          last_used_at = CASE WHEN get_byte(uuid_send(key_id), 1) % 3 > 0
            THEN now() - get_byte(uuid_send(key_id), 2) % 7 * interval '1 hour' END
        WHERE account_id = ${w.accountId}::uuid`,
      )
      const pages: KeyView[] = []
      for (const page of [1, 2, 3]) {
        pages.push(...(await listKeys(w.ctx, input(w, { sort, direction, page, pageSize: 10 }))).keys)
      }
      const all = (await listKeys(w.ctx, input(w, { sort, direction, pageSize: 50 }))).keys
      expect(pages).toEqual(all)
      expect(new Set(pages.map((key) => key.id)).size).toBe(25)
      const value: Record<typeof sort, (key: KeyView) => string> = {
        created: (key) => key.createdAt,
        name: (key) => key.name.toLowerCase(),
        status: (key) => key.state,
        algorithm: (key) => `${key.spec} ${key.usage}`,
        origin: (key) => key.origin,
        enterpriseProject: (key) => key.enterpriseProject.name.toLowerCase(),
        lastUsed: (key) => key.lastUsedAt ?? '',
        calls: (key) => String(key.calls30Days),
      }
      const order = pages.map((key) => `${value[sort](key)}\0${key.id}`)
      expect(order).toEqual(direction === 'asc' ? order.toSorted() : order.toSorted().toReversed())
    },
  )
})

describe('substrings', () => {
  test.for([
    ['a_b', ['a_b']],
    ['_', ['a_b', 'long_name']],
    ['%', []],
    ['A', ['a-b', 'a_b', 'axb', 'long_name']],
    ['axb', ['axb']],
    ['キー', ['キー:1']],
    ['ー', ['キー:1']],
    ['\\', []],
    [`'`, []],
  ] as const)('%s finds %o in names', async ([text, names]) => {
    await using w = await testWorld(inject('databaseUrl'))
    for (const name of ['a_b', 'axb', 'a-b', 'long_name', 'キー:1'])
      await w.makeKey({ name, origin: 'external' })
    expect(await namesOf(w, { name: [text] })).toEqual(names)
  })

  test('of an id are found in letters of either case', async () => {
    await using w = await testWorld(inject('databaseUrl'))
    const key = await w.makeKey()
    await w.makeKey()
    for (const part of [key.id, key.id.slice(4, 20), key.id.slice(4, 20).toUpperCase()]) {
      expect(await namesOf(w, { id: [part] })).toEqual([key.name])
      expect(await namesOf(w, { text: [part] })).toEqual([key.name])
      expect(await namesOf(w, { name: [part] })).toEqual([])
    }
  })
})

describe('an empty page', () => {
  test('tells whether there are keys at all', async () => {
    await using w = await testWorld(inject('databaseUrl'))
    expect(await listKeys(w.ctx, input(w, {}))).toMatchObject({ keys: [], anyKeys: false, page: 1 })
    await w.makeKey()
    expect(await listKeys(w.ctx, input(w, { name: ['nothing'], page: 9 }))).toMatchObject({
      keys: [],
      anyKeys: true,
      page: 1,
      total: { count: 0, exact: true },
    })
    expect(await listKeys(w.ctx, input(w, { defaultKeys: true }))).toMatchObject({ keys: [], anyKeys: false })
  })
})
