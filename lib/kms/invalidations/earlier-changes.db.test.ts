import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { type ChangeKeyStateInput, changeKeyState } from '../keys/change-key-state.ts'
import { testWorld } from '../testing/test-world.ts'
import { inSystemTransaction } from '../transaction.ts'

// A key that is not Enabled is not cached, so the second change has nothing of its own to tell the instances.
test.each([
  ['a Delete', { operation: 'disable' }, { operation: 'scheduleDeletion', pendingDays: 7 }],
  ['a Cancel Deletion', { operation: 'scheduleDeletion', pendingDays: 7 }, { operation: 'cancelDeletion' }],
] as const)('%s returns only once the change before it holds everywhere', async (_, first, second) => {
  await using database = await freshDatabase()
  await using w = await testWorld(database.connectionString)
  const reading = <T>(work: Parameters<typeof inSystemTransaction<T>>[2]) =>
    inSystemTransaction(w.db, 'instance', work)
  const openInvalidations = () => reading((sql) => sql.invalidation.count({ where: { closedAt: null } }))
  const { id: keyId } = await w.makeKey()
  const change = (input: typeof first | typeof second) =>
    changeKeyState(w.ctx, { projectId: w.projectId, keyId, ...input } satisfies ChangeKeyStateInput)

  await reading((sql) =>
    sql.instance.create({ data: { id: randomUUID(), kind: 'endpoint', name: 'silent' } }),
  )
  const began = change(first)
  await expect.poll(openInvalidations).toBe(1)
  await change(second)
  expect(await openInvalidations()).toBe(0)
  await began
})
