import { Client } from 'pg'
import { expect, inject, test } from 'vitest'
import { freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { keyFilter } from '../model/inputs/key-filter.ts'
import { limits } from '../model/limits.ts'
import { capturedQueries, explain, nodesOf } from '../testing/captured-queries.ts'
import { insertManyKeys } from '../testing/many-keys.ts'
import { superuser } from '../testing/superuser.ts'
import { testWorld } from '../testing/test-world.ts'
import { applyChange } from './apply-change.ts'
import { claimChange } from './claim-change.ts'
import { planChange } from './plan-change.ts'
import { readChange } from './read-change.ts'
import { runChange } from './run-change.ts'

const keys = 6_000

test('a chunk reads its own items and keys only, however many the change has', async () => {
  await using database = await freshDatabase()
  await using w = await testWorld(database.connectionString, { keyQuota: keys, connections: 1 })
  await using root = await superuser(database.connectionString, inject('superuserDatabaseUrl'))
  await insertManyKeys(root, w, keys)
  const filter = keyFilter.parse({ projectId: w.projectId, status: ['2'] })
  const planned = await planChange(w.ctx, {
    projectId: w.projectId,
    operation: 'disable',
    selection: { filter },
  })
  await applyChange(w.ctx, { changeId: planned.id, understood: true })
  const claimed = await claimChange(w.db, w.rootKey)
  if (claimed?.changeId !== planned.id) throw new Error('the change was not claimed')

  // No statistics tell how many items there are: they were inserted a moment ago.
  let chunks = 0
  const queries = await capturedQueries(() =>
    runChange(claimed.ctx, planned.id, claimed.owner, {
      beforeChunk: async () => {
        if (++chunks === 2) throw new Error('enough')
      },
    }).catch(() => undefined),
  )
  const connection = new Client({
    connectionString: database.connectionString,
    options: '-c role=keystead_app -c random_page_cost=1.1 -c jit=off',
  })
  await connection.connect()
  const statements = queries.filter(({ text }) => /\b(change_item|key k)\b/.test(text))
  expect(statements.length).toBeGreaterThanOrEqual(3)
  for (const statement of statements) {
    const plan = await explain(connection, w.accountId, statement)
    for (const node of nodesOf(plan)) {
      if (!['change_item', 'key'].includes(node['Relation Name'] ?? '')) continue
      const read = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']
      expect(read, `${node['Node Type']} in ${statement.text}`).toBeLessThanOrEqual(2 * limits.chunkSize)
    }
  }
  await connection.end()

  await runChange(claimed.ctx, planned.id, claimed.owner)
  expect(await readChange(w.ctx, { changeId: planned.id })).toMatchObject({
    status: 'done',
    counts: { done: planned.total, failed: 0, pending: 0 },
  })
})
