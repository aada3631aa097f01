import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { verifyAudit } from '../audit/verify-audit.ts'
import { applyChange } from '../changes/apply-change.ts'
import { planChange } from '../changes/plan-change.ts'
import type { KmsContext } from '../context.ts'
import { keyListInput } from '../model/inputs/key-filter.ts'
import { superuser } from '../testing/superuser.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { inTransaction } from '../transaction.ts'
import { destroyDueKeys } from './destroy-due-keys.ts'
import { listKeys } from './list-keys.ts'

let dataDir: string
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'keystead-destroyed-'))
})
afterAll(() => rm(dataDir, { recursive: true }))

const day = 86_400_000
const later = (days: number) => (clock: Date) => new Date(clock.getTime() + days * day)

async function scheduleDeletion(w: TestWorld, ids: string[]): Promise<void> {
  const planned = await planChange(w.ctx, {
    projectId: w.projectId,
    operation: 'scheduleDeletion',
    selection: { ids },
  })
  await applyChange(w.ctx, { changeId: planned.id, pendingDays: '7', confirmation: 'DELETE' })
}

/** Destroying looks at every account, so these tests have a database of their own. */
async function alone(): Promise<
  { w: TestWorld; destroy: (days: number) => Promise<number> } & AsyncDisposable
> {
  const database = await freshDatabase()
  const w = await testWorld(database.connectionString)
  return {
    w,
    destroy: (days) => destroyDueKeys({ db: w.db, rootKey: w.rootKey, dataDir, now: later(days) }),
    [Symbol.asyncDispose]: async () => {
      await w[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

const names = async (ctx: KmsContext, projectId: string): Promise<string[]> =>
  (await listKeys(ctx, keyListInput.parse({ projectId }))).keys.map((key) => key.name)

test('a key is destroyed at its moment and not before; a tombstone and an event remain', async () => {
  await using a = await alone()
  const { w } = a
  const doomed = await w.makeKey({ name: 'doomed', tags: [{ key: 'env', value: 'prod' }] })
  await w.makeKey({ name: 'kept' })
  await scheduleDeletion(w, [doomed.id])
  expect(await a.destroy(6.99)).toBe(0)
  expect(await a.destroy(7.01)).toBe(1)
  await inTransaction(w.ctx, async (tx) => {
    expect(await tx.sql.materialVersion.count()).toBe(1)
    expect(await tx.sql.materialSet.count()).toBe(1)
    expect(await tx.sql.tombstone.findMany()).toMatchObject([{ keyId: doomed.id, name: 'doomed' }])
    expect(await tx.sql.auditEvent.count({ where: { action: 'destroyKey', resourceId: doomed.id } })).toBe(1)
  })
  const open = () => inTransaction(w.ctx, (tx) => tx.sql.invalidation.count({ where: { closedAt: null } }))
  expect(await open()).toBe(0)
  expect(await names(w.ctx, w.projectId)).toEqual(['kept'])
  expect(await readFile(join(dataDir, 'destroyed.log'), 'utf8')).toContain(doomed.id)
  expect((await verifyAudit(w.db, w.rootKey))[0]).toMatchObject({ problem: null })
})

test('a due key is gone for every reader before it is destroyed, and cannot be canceled', async () => {
  await using a = await alone()
  const { w } = a
  const doomed = await w.makeKey({ name: 'doomed' })
  await scheduleDeletion(w, [doomed.id])
  const then = { ...w.ctx, now: later(8) }
  expect(await names(then, w.projectId)).toEqual([])
  const plan = await planChange(then, {
    projectId: w.projectId,
    operation: 'cancelDeletion',
    selection: { ids: [doomed.id] },
  })
  expect(plan.items).toMatchObject([{ outcome: 'skipped', reasonCode: 'keyNotFound' }])
})

test('a deletion reviewed for canceling in time, but applied too late, is not canceled', async () => {
  await using a = await alone()
  const { w } = a
  const doomed = await w.makeKey()
  await scheduleDeletion(w, [doomed.id])
  const minutesBefore = { ...w.ctx, now: later(7 - 5 / 1440) }
  const plan = await planChange(minutesBefore, {
    projectId: w.projectId,
    operation: 'cancelDeletion',
    selection: { ids: [doomed.id] },
  })
  expect(plan.counts.pending).toBe(1)
  const minutesAfter = { ...w.ctx, now: later(7 + 5 / 1440) }
  const done = await applyChange(minutesAfter, { changeId: plan.id })
  expect(done.items).toMatchObject([{ outcome: 'failed', reasonCode: 'keyNotFound' }])
})

test('destroying in two processes at once destroys each key once', async () => {
  await using a = await alone()
  const { w } = a
  const keys = await Promise.all(Array.from({ length: 12 }, () => w.makeKey()))
  await scheduleDeletion(
    w,
    keys.map((key) => key.id),
  )
  const counts = await Promise.all([a.destroy(8), a.destroy(8), a.destroy(8)])
  expect(counts.reduce((sum, count) => sum + count)).toBe(12)
  await inTransaction(w.ctx, async (tx) => {
    expect(await tx.sql.auditEvent.count({ where: { action: 'destroyKey' } })).toBe(12)
  })
})

test('an account whose audit key cannot be opened does not hold up the others', async () => {
  await using database = await freshDatabase()
  await using broken = await testWorld(database.connectionString)
  await using sound = await testWorld(database.connectionString)
  for (const w of [broken, sound]) await scheduleDeletion(w, [(await w.makeKey()).id])
  await using thief = await superuser(database.connectionString, inject('superuserDatabaseUrl'))
  await thief.run('UPDATE audit_chain SET sealed_key = $1 WHERE account_id = $2', [
    Buffer.alloc(100),
    broken.accountId,
  ])
  const destroying = destroyDueKeys({ db: sound.db, rootKey: sound.rootKey, dataDir, now: later(8) })
  await expect(destroying).rejects.toBeInstanceOf(AggregateError)
  await inTransaction(sound.ctx, async (tx) => expect(await tx.sql.tombstone.count()).toBe(1))
  await inTransaction(broken.ctx, async (tx) => expect(await tx.sql.key.count()).toBe(1))
})
