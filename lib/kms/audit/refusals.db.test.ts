import { randomUUID } from 'node:crypto'
import { expect, inject, test } from 'vitest'
import { freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { changeRoles } from '../access/change-roles.ts'
import { applyChange } from '../changes/apply-change.ts'
import { planChange } from '../changes/plan-change.ts'
import { retryChange } from '../changes/retry-change.ts'
import { stopChange } from '../changes/stop-change.ts'
import { undoChange } from '../changes/undo-change.ts'
import type { KmsContext } from '../context.ts'
import { createKey } from '../keys/create-key.ts'
import { keyOperations } from '../model/key-state.ts'
import { keyInput, type TestWorld, testWorld } from '../testing/test-world.ts'
import { inTransaction } from '../transaction.ts'
import { flushRefusals } from './flush-refusals.ts'
import { verifyAudit } from './verify-audit.ts'

const minute = 60_000

/** An actor who may not create keys, at one moment; of the past, its minute is over for the job. */
async function refusedActor(w: TestWorld, minutesAgo: number): Promise<KmsContext> {
  const start = Math.floor(Date.now() / minute) * minute - minutesAgo * minute
  return { ...(await w.userWith(['KMS CMKReadOnlyAccess'])), now: () => new Date(start + 1_000) }
}

async function attempt(w: TestWorld, ctx: KmsContext, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    await expect(createKey({ ...ctx, requestId: randomUUID() }, keyInput(w.projectId))).rejects.toMatchObject(
      { code: 'notPermitted' },
    )
  }
}

const refusedEvents = (w: TestWorld) =>
  inTransaction(w.ctx, (tx) =>
    tx.sql.auditEvent.findMany({
      where: { accountId: w.accountId, outcome: 'refused' },
      orderBy: { seq: 'asc' },
    }),
  )

const bodyOf = (event: { body: Uint8Array }): Record<string, unknown> =>
  JSON.parse(Buffer.from(event.body).toString('utf8'))

test('the first five refusals of a minute are events of their own, the rest is one counted event', async () => {
  await using database = await freshDatabase()
  await using w = await testWorld(database.connectionString)
  const ctx = await refusedActor(w, 5)
  await attempt(w, ctx, 12)
  const [first, ...more] = await refusedEvents(w)
  expect(more).toHaveLength(4)
  expect(first).toMatchObject({ action: 'createKey', actorId: ctx.actor.id, projectId: w.projectId })
  expect(bodyOf(first as NonNullable<typeof first>)).toMatchObject({ details: { error: 'KMS.0307' } })

  expect(await flushRefusals(w.db, w.rootKey)).toBe(1)
  const counted = (await refusedEvents(w)).slice(5)
  expect(counted).toMatchObject([{ action: 'refusedAttempts', resourceId: ctx.actor.id, actorId: 'jobs' }])
  expect(counted.map(bodyOf)).toMatchObject([
    {
      details: {
        attempts: 7,
        minute: new Date(
          Math.floor((ctx.now?.(new Date()).getTime() as number) / minute) * minute,
        ).toISOString(),
      },
    },
  ])
  expect(await flushRefusals(w.db, w.rootKey)).toBe(0)
  expect(await refusedEvents(w)).toHaveLength(6)
  expect(await verifyAudit(w.db, w.rootKey, { accountId: w.accountId })).toMatchObject([
    { events: 6n, problem: null },
  ])
})

test('a minute with five refusals or fewer leaves no counted event, and no counter', async () => {
  await using database = await freshDatabase()
  await using w = await testWorld(database.connectionString)
  await attempt(w, await refusedActor(w, 5), 5)
  expect(await flushRefusals(w.db, w.rootKey)).toBe(1)
  expect(await refusedEvents(w)).toHaveLength(5)
  expect(await inTransaction(w.ctx, (tx) => tx.sql.auditRefusal.count())).toBe(0)
})

test('a minute that still runs is left alone', async () => {
  await using database = await freshDatabase()
  await using w = await testWorld(database.connectionString)
  await attempt(w, await refusedActor(w, -5), 7)
  expect(await flushRefusals(w.db, w.rootKey)).toBe(0)
  expect(await inTransaction(w.ctx, (tx) => tx.sql.auditRefusal.count())).toBeGreaterThan(0)
})

test('every minute, every actor and every account is counted for itself', async () => {
  await using database = await freshDatabase()
  await using a = await testWorld(database.connectionString)
  await using b = await testWorld(database.connectionString)
  const one = await refusedActor(a, 5)
  await attempt(a, one, 6)
  const twoLater = new Date((one.now?.(new Date()).getTime() ?? 0) + 2 * minute)
  await attempt(a, { ...one, now: () => twoLater }, 6)
  await attempt(a, await refusedActor(a, 5), 7)
  await attempt(b, await refusedActor(b, 5), 8)
  expect(await flushRefusals(a.db, a.rootKey)).toBe(4)
  const attempts = async (w: TestWorld) =>
    (await refusedEvents(w))
      .filter((event) => event.action === 'refusedAttempts')
      .map((event) => (bodyOf(event).details as { attempts: number }).attempts)
      .toSorted()
  expect(await attempts(a)).toEqual([1, 1, 2])
  expect(await attempts(b)).toEqual([3])
})

test('an operation on keys that is refused when it is planned is recorded under its name', async () => {
  await using w = await testWorld(inject('databaseUrl'))
  const key = await w.makeKey({ origin: 'external' })
  const reader = await w.userWith(['KMS CMKReadOnlyAccess'])
  for (const operation of keyOperations) {
    const selection = { ids: [key.id] }
    await expect(planChange(reader, { projectId: w.projectId, operation, selection })).rejects.toMatchObject({
      code: 'notPermitted',
    })
  }
  expect(await refusedEvents(w)).toMatchObject(
    ['enableKey', 'disableKey', 'scheduleKeyDeletion', 'cancelKeyDeletion'].map((action) => ({
      action,
      actorId: reader.actor.id,
      projectId: w.projectId,
    })),
  )
})

test('continuing a change that is another’s is recorded, and unseen by who may not list its keys', async () => {
  await using w = await testWorld(inject('databaseUrl'))
  const key = await w.makeKey({ origin: 'external' })
  const selection = { ids: [key.id] }
  const planned = await planChange(w.ctx, {
    projectId: w.projectId,
    operation: 'scheduleDeletion',
    selection,
  })
  const input = { changeId: planned.id, pendingDays: '7', confirmation: 'DELETE' }
  const [peer, stranger] = [await w.userWith(['KMS CMKFullAccess']), await w.userWith([])]
  await expect(applyChange(stranger, input)).rejects.toMatchObject({ code: 'changeNotFound' })
  await applyChange(w.ctx, input)
  for (const verb of [undoChange, retryChange, stopChange]) {
    await expect(verb(peer, { changeId: planned.id })).rejects.toMatchObject({ code: 'changeNotYours' })
    await expect(verb(stranger, { changeId: planned.id })).rejects.toMatchObject({ code: 'changeNotFound' })
  }
  expect(await refusedEvents(w)).toMatchObject([
    { action: 'applyChange', actorId: stranger.actor.id },
    ...['undoChange', 'retryChange', 'stopChange'].flatMap((action) =>
      [peer, stranger].map(({ actor }) => ({ action, actorId: actor.id, resourceId: planned.id })),
    ),
  ])
})

test('keys that an author may no longer change are told of in one event a chunk', async () => {
  await using w = await testWorld(inject('databaseUrl'))
  const keys = [await w.makeKey({ origin: 'external' }), await w.makeKey({ origin: 'external' })]
  const author = await w.userWith(['KMS CMKFullAccess'])
  const planned = await planChange(author, {
    projectId: w.projectId,
    operation: 'scheduleDeletion',
    selection: { ids: keys.map(({ id }) => id) },
  })
  await changeRoles(w.ctx, {
    userId: author.actor.id,
    roles: [{ role: 'KMS CMKReadOnlyAccess', projectId: null }],
  })
  await applyChange(author, { changeId: planned.id, pendingDays: '7', confirmation: 'DELETE' })
  const events = await refusedEvents(w)
  expect(events).toMatchObject([
    { action: 'scheduleKeyDeletion', actorId: author.actor.id, projectId: w.projectId },
  ])
  expect(events.map(bodyOf)).toMatchObject([{ details: { error: 'KMS.0307', keys: 2 } }])
  expect(await verifyAudit(w.db, w.rootKey, { accountId: w.accountId })).toMatchObject([{ problem: null }])
})

test('two processes that settle at once write each counted event once', async () => {
  await using database = await freshDatabase()
  await using w = await testWorld(database.connectionString)
  for (let actor = 0; actor < 4; actor++) await attempt(w, await refusedActor(w, 5 + actor), 6)
  const settled = await Promise.all([1, 2, 3].map(() => flushRefusals(w.db, w.rootKey)))
  expect(settled.reduce((sum, one) => sum + one)).toBe(4)
  expect((await refusedEvents(w)).filter((event) => event.action === 'refusedAttempts')).toHaveLength(4)
})
