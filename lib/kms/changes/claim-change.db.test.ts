import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { testWorld } from '../testing/test-world.ts'
import { inTransaction } from '../transaction.ts'
import { applyChange } from './apply-change.ts'
import { claimChange } from './claim-change.ts'
import { planChange } from './plan-change.ts'
import { readChange } from './read-change.ts'
import { runChange } from './run-change.ts'

test('a change that awaits an instance is not claimed over and over, and ends once the instance knows', async () => {
  await using database = await freshDatabase()
  await using w = await testWorld(database.connectionString)
  const key = await w.makeKey({ origin: 'external' })
  const instance = randomUUID()
  await inTransaction(w.ctx, (tx) => tx.sql.instance.create({ data: { id: instance, kind: 'endpoint' } }))
  const planned = await planChange(w.ctx, {
    projectId: w.projectId,
    operation: 'scheduleDeletion',
    selection: { ids: [key.id] },
  })
  const input = { changeId: planned.id, pendingDays: '7', confirmation: 'DELETE' }
  expect(await applyChange(w.ctx, input)).toMatchObject({ status: 'confirming', counts: { done: 1 } })
  expect(await claimChange(w.db, w.rootKey)).toBeNull()

  await inTransaction(w.ctx, async (tx) => {
    const open = await tx.sql.invalidation.findMany()
    await tx.sql.invalidationAcknowledgement.createMany({
      data: open.map(({ id }) => ({ invalidationId: id, instanceId: instance })),
    })
  })
  let claimed = await claimChange(w.db, w.rootKey)
  await expect
    .poll(async () => (claimed ??= await claimChange(w.db, w.rootKey)), { timeout: 5_000 })
    .toMatchObject({ changeId: planned.id })
  if (claimed) await runChange(claimed.ctx, claimed.changeId, claimed.owner)
  expect(await readChange(w.ctx, { changeId: planned.id })).toMatchObject({ status: 'done' })
})
