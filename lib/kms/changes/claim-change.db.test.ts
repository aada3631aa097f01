import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { leaseMilliseconds } from '../invalidations/lease-times.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { inTransaction } from '../transaction.ts'
import { applyChange } from './apply-change.ts'
import { claimChange } from './claim-change.ts'
import { planChange } from './plan-change.ts'
import { readChange } from './read-change.ts'
import { runChange } from './run-change.ts'

test('a change that awaits an instance names it, and ends once the instance is shut out and its lease is over', async () => {
  await using database = await freshDatabase()
  await using w = await testWorld(database.connectionString)
  const key = await w.makeKey()
  const silent = { id: randomUUID(), kind: 'endpoint', name: 'endpoint at nowhere:1' }
  await inTransaction(w.ctx, (tx) => tx.sql.instance.create({ data: silent }))
  const planned = await planChange(w.ctx, disable(w, key.id))
  const begun = performance.now()
  expect(await applyChange(w.ctx, { changeId: planned.id, understood: true })).toMatchObject({
    status: 'confirming',
    counts: { done: 1 },
    awaitedInstances: [silent.name],
  })
  // Whoever applied it goes on waiting, so nobody else need take it over.
  expect(await claimChange(w.db, w.rootKey)).toBeNull()
  await expect
    .poll(() => readChange(w.ctx, { changeId: planned.id }))
    .toMatchObject({ status: 'done', awaitedInstances: [] })
  expect(performance.now() - begun).toBeGreaterThan(leaseMilliseconds)
  expect(await inTransaction(w.ctx, (tx) => tx.sql.instance.count())).toBe(0)
})

test('a change ends once every instance has acknowledged', async () => {
  await using database = await freshDatabase()
  await using w = await testWorld(database.connectionString)
  const key = await w.makeKey()
  const id = randomUUID()
  await inTransaction(w.ctx, (tx) => tx.sql.instance.create({ data: { id, kind: 'endpoint' } }))
  const planned = await planChange(w.ctx, disable(w, key.id))
  const applied = applyChange(w.ctx, { changeId: planned.id, understood: true })
  await expect
    .poll(() =>
      inTransaction(w.ctx, async (tx) => {
        const open = await tx.sql.invalidation.findMany()
        const data = open.map((invalidation) => ({ invalidationId: invalidation.id, instanceId: id }))
        return (await tx.sql.invalidationAcknowledgement.createMany({ data })).count
      }),
    )
    .toBe(1)
  // On a slow machine the instance may have been shut out before it acknowledged; the wait goes on then.
  expect(['confirming', 'done']).toContain((await applied).status)
  await expect
    .poll(() => readChange(w.ctx, { changeId: planned.id }))
    .toMatchObject({ status: 'done', awaitedInstances: [] })
  // Nobody had to wait for its end.
  expect(await inTransaction(w.ctx, (tx) => tx.sql.instance.count())).toBe(1)
})

test('a change whose process died while it was confirming is taken over, and ends', async () => {
  await using database = await freshDatabase()
  await using w = await testWorld(database.connectionString)
  const key = await w.makeKey()
  const planned = await planChange(w.ctx, disable(w, key.id))
  await applyChange(w.ctx, { changeId: planned.id, understood: true })
  await inTransaction(
    w.ctx,
    (tx) => tx.sql.$executeRaw`
    UPDATE change SET status = 'confirming', finished_at = NULL, owner_id = ${randomUUID()}::uuid,
      lease_until = ${new Date(tx.now.getTime() - 1)}::timestamptz`,
  )
  const claimed = await claimChange(w.db, w.rootKey)
  expect(claimed).toMatchObject({ changeId: planned.id })
  if (claimed) await runChange(claimed.ctx, claimed.changeId, claimed.owner)
  expect(await readChange(w.ctx, { changeId: planned.id })).toMatchObject({ status: 'done' })
})

const disable = (w: TestWorld, keyId: string) => ({
  projectId: w.projectId,
  operation: 'disable' as const,
  selection: { ids: [keyId] },
})
