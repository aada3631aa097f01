import { Client } from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { type KeyListInput, keyListInput, sortColumns } from '../model/inputs/key-filter.ts'
import { capturedQueries, explain, nodesOf } from '../testing/captured-queries.ts'
import { insertManyKeys } from '../testing/many-keys.ts'
import { superuser } from '../testing/superuser.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { listKeys } from './list-keys.ts'

const keys = 100_000

let database: FreshDatabase
let w: TestWorld
/** As the application connects, so that policies and settings are those of its own queries. */
let connection: Client

beforeAll(async () => {
  database = await freshDatabase()
  w = await testWorld(database.connectionString, { keyQuota: keys * 2, connections: 1 })
  await using root = await superuser(database.connectionString, inject('superuserDatabaseUrl'))
  await insertManyKeys(root, w, keys)
  const [settings] = await w.db.$queryRaw<[{ role: string; page: string; jit: string }]>`
    SELECT current_setting('role') AS role, current_setting('random_page_cost') AS page, current_setting('jit') AS jit`
  connection = new Client({
    connectionString: database.connectionString,
    options: `-c role=${settings.role} -c random_page_cost=${settings.page} -c jit=${settings.jit}`,
  })
  await connection.connect()
}, 180_000)

afterAll(async () => {
  await connection.end()
  await w[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const input = (more: object): KeyListInput => keyListInput.parse({ projectId: w.projectId, ...more })

const tag = (key: string, value?: string) => ({ tag: [{ key, value }] })

/** What is asked, and the most 8 KiB blocks that may be touched for it where it is to be quick. */
const cases: [string, object, number?][] = [
  ['the first page', {}, 1_000],
  ...sortColumns.flatMap((sort): [string, object, number][] => [
    [`sorted by ${sort}, ascending`, { sort, direction: 'asc' }, 1_200],
    [`sorted by ${sort}, descending`, { sort, direction: 'desc' }, 1_200],
  ]),
  ['page 500', { page: 500 }],
  ['the last page', { page: keys / 20 }],
  ['a page beyond the last', { page: 900_000 }],
  ['a rare substring', { text: ['ZEBRA'] }, 1_500],
  ['a rare substring of names, sorted by name', { name: ['zebra'], sort: 'name' }, 1_500],
  ['a rare substring of ids', { id: ['abcd'] }, 1_500],
  ['a substring of nothing', { text: ['qqqqq'] }, 1_500],
  ['a common substring', { text: ['prod'] }],
  ['a common substring, sorted by name', { text: ['prod'], sort: 'name', direction: 'asc' }],
  ['a substring of one key in a hundred', { name: ['key-77'] }],
  ['two substrings', { text: ['prod', 'billing'] }],
  ['a short substring', { text: ['o'] }],
  ['a short substring of nothing', { text: ['zq'] }],
  ['a substring of signs', { text: ['_k'] }],
  ['a common state', { status: ['2'] }, 1_500],
  ['a rarer state, sorted by name', { status: ['5'], sort: 'name' }],
  ['two states', { status: ['4', '5'] }, 1_500],
  ['an algorithm', { algorithm: ['RSA_3072'] }],
  ['an algorithm that no key has', { algorithm: ['SM4'] }, 1_000],
  ['a usage', { usage: ['SIGN_VERIFY'] }],
  ['an origin', { origin: ['external'] }],
  ['an enterprise project', { enterpriseProject: ['e-1'] }],
  ['an enterprise project, sorted by them', { enterpriseProject: ['e-1'], sort: 'enterpriseProject' }],
  ['days of creation', { createdFrom: '2026-01-01', createdTo: '2026-02-01' }],
  ['a common tag', tag('env', 'prod')],
  ['a tag of any value', tag('env')],
  ['a rare tag', tag('team', 'team 7'), 5_000],
  ['a rare tag, sorted by name', { ...tag('team', 'team 7'), sort: 'name' }, 5_000],
  ['a tag that no key has', tag('none'), 1_000],
  ['a rare tag and a common substring', { ...tag('team', 'team 7'), text: ['prod'] }],
  ['a state and a common substring', { status: ['5'], text: ['prod'] }],
  ['a state, sorted by calls', { status: ['5'], sort: 'calls' }],
  ['a rare tag, sorted by last use', { ...tag('team', 'team 7'), sort: 'lastUsed' }, 5_000],
  ['default keys', { defaultKeys: true }, 1_000],
  ['default keys, sorted by calls', { defaultKeys: true, sort: 'calls' }, 1_000],
]

test.for(cases)(
  'with a hundred thousand keys, %s reads no table of keys from end to end',
  async ([, more, blocksMax]) => {
    const queries = await capturedQueries(() => listKeys(w.ctx, input(more)))
    const selects = queries.filter(({ text }) =>
      /^\s*SELECT.* (key k|keystead_keys_like|project p)\b/s.test(text),
    )
    expect(selects.length).toBeGreaterThanOrEqual(2)
    let blocks = 0
    for (const query of selects) {
      const plan = await explain(connection, w.accountId, query)
      const scans = nodesOf(plan).filter(
        (node) =>
          node['Node Type'].endsWith('Seq Scan') &&
          ['key', 'key_activity'].includes(String(node['Relation Name'])),
      )
      expect(scans, query.text).toEqual([])
      blocks += plan['Shared Hit Blocks'] + plan['Shared Read Blocks']
    }
    if (blocksMax !== undefined) expect(blocks).toBeLessThan(blocksMax)
  },
)

test('the look-up of a substring uses the trigram indexes, in every session and however often it ran', async () => {
  const lookUp = {
    text: `SELECT id FROM keystead_keys_like($1, false, $2, $3, 1000)`,
    values: [w.projectId, '%zebra%', '%zebra%'],
  }
  // A plan that fits every pattern would be taken from the sixth call on, if it seemed as cheap.
  for (let call = 0; call < 10; call++) {
    const plan = await explain(connection, w.accountId, lookUp)
    expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).toBeLessThan(1_000)
  }
})

test('a quota beyond what the list counts to is enforced to the key', async () => {
  await using root = await superuser(database.connectionString, inject('superuserDatabaseUrl'))
  await root.run('UPDATE project SET key_quota = $2 WHERE id = $1', [w.projectId, keys + 1])
  await w.makeKey({ origin: 'external' })
  await expect(w.makeKey({ origin: 'external' })).rejects.toMatchObject({
    code: 'keyQuotaReached',
    values: { quota: keys + 1 },
  })
})
