import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Database } from '#lib/db/client.ts'
import { freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { changeKeyState } from '../keys/change-key-state.ts'
import { testWorld } from '../testing/test-world.ts'
import { inSystemTransaction } from '../transaction.ts'
import { closeLeftInvalidations } from './close-left-invalidations.ts'
import { holdEverywhere } from './hold-everywhere.ts'
import { leaseMilliseconds } from './lease-times.ts'
import { retireSilentInstances } from './retire-silent-instances.ts'

const ago = (seconds: number): Date => new Date(Date.now() - seconds * 1_000)

async function world() {
  const database = await freshDatabase()
  const w = await testWorld(database.connectionString)
  return {
    w,
    system: <T>(work: Parameters<typeof inSystemTransaction<T>>[2]) =>
      inSystemTransaction(w.db, 'instance', work),
    [Symbol.asyncDispose]: async () => {
      await w[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

test('an instance that fell silent is forgotten a full lease after it was shut out; one that renews is not', async () => {
  await using its = await world()
  const [dead, alive] = [randomUUID(), randomUUID()]
  await its.system((sql) =>
    sql.instance.createMany({
      data: [
        { id: dead, kind: 'endpoint', renewedAt: ago(60) },
        { id: alive, kind: 'endpoint', renewedAt: new Date() },
      ],
    }),
  )
  const begun = performance.now()
  expect(await retireSilentInstances(its.w.db)).toBe(1)
  expect(performance.now() - begun).toBeGreaterThanOrEqual(leaseMilliseconds)
  const left = await its.system((sql) => sql.instance.findMany())
  expect(left).toMatchObject([{ id: alive, fencedAt: null }])
  expect(await retireSilentInstances(its.w.db)).toBe(0)
})

test('what a changer that died left open is closed, whatever it was about', async () => {
  await using its = await world()
  const data = (['key', 'user', 'access-key', 'grant', 'alias', 'material'] as const).map((subjectKind) => ({
    accountId: its.w.accountId,
    subjectKind,
    subjectId: 'some',
    openedAt: ago(60),
  }))
  await its.system((sql) =>
    sql.invalidation.createMany({ data: [...data, { ...data[0], openedAt: new Date() }] as typeof data }),
  )
  expect(await closeLeftInvalidations(its.w.db)).toBe(6)
  expect(await its.system((sql) => sql.invalidation.count({ where: { closedAt: null } }))).toBe(1)
})

test('a second changer waits for an instance that the first has only just shut out', async () => {
  await using its = await world()
  const keys = [await its.w.makeKey(), await its.w.makeKey()]
  await its.system((sql) =>
    sql.instance.create({ data: { id: randomUUID(), kind: 'endpoint', fencedAt: new Date() } }),
  )
  const begun = performance.now()
  const took = await Promise.all(
    keys.map(async ({ id: keyId }) => {
      await changeKeyState(its.w.ctx, { projectId: its.w.projectId, keyId, operation: 'disable' })
      return performance.now() - begun
    }),
  )
  expect(Math.min(...took)).toBeGreaterThanOrEqual(leaseMilliseconds)
})

test('an instance that says itself that it has let go is shut out by nobody', async () => {
  await using its = await world()
  const id = randomUUID()
  await its.system((sql) => sql.instance.create({ data: { id, kind: 'endpoint' } }))
  const invalidation = await its.system((sql) =>
    sql.invalidation.create({ data: { accountId: its.w.accountId, subjectKind: 'key', subjectId: 'some' } }),
  )
  const asked: string[] = []
  // It lets go between the first look, which finds it, and the second.
  const db = {
    $queryRaw: async (text: TemplateStringsArray, ...values: unknown[]) => {
      const rows = await its.w.db.$queryRaw(text, ...values)
      if (asked.push(text.join('')) === 1) await its.system((sql) => sql.instance.delete({ where: { id } }))
      return rows
    },
  } as unknown as Database
  expect(await holdEverywhere(db, [invalidation.id])).toBe(true)
  expect(asked.filter((text) => !text.includes('keystead_close_invalidations'))).toEqual([])
  expect(await its.system((sql) => sql.invalidation.count({ where: { closedAt: null } }))).toBe(0)
})
