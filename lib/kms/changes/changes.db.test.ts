import { randomUUID } from 'node:crypto'
import { describe, expect, inject, test } from 'vitest'
import { verifyAudit } from '../audit/verify-audit.ts'
import type { KmsContext } from '../context.ts'
import { keyFilter } from '../model/inputs/key-filter.ts'
import type { KeyOperation } from '../model/key-state.ts'
import type { ChangeView } from '../model/views.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { inTransaction } from '../transaction.ts'
import { applyChange } from './apply-change.ts'
import { claimChange } from './claim-change.ts'
import { planChange } from './plan-change.ts'
import { readChange } from './read-change.ts'
import { retryChange } from './retry-change.ts'
import { runChange } from './run-change.ts'
import { stopChange } from './stop-change.ts'
import { undoChange } from './undo-change.ts'

const world = (options: Parameters<typeof testWorld>[1] = {}) => testWorld(inject('databaseUrl'), options)

const plan = (
  w: TestWorld,
  operation: KeyOperation,
  ids: string[],
  ctx: KmsContext = w.ctx,
): Promise<ChangeView> => planChange(ctx, { projectId: w.projectId, operation, selection: { ids } })

const confirmed = { understood: true, pendingDays: '7', confirmation: 'DELETE' }

async function change(w: TestWorld, operation: KeyOperation, ids: string[]): Promise<ChangeView> {
  const planned = await plan(w, operation, ids)
  return applyChange(w.ctx, { changeId: planned.id, ...confirmed })
}

/** No more at once than there are connections: on a busy machine the others would wait too long for one. */
async function makeKeys(w: TestWorld, count: number): Promise<string[]> {
  const ids: string[] = []
  while (ids.length < count) {
    const group = Array.from({ length: Math.min(10, count - ids.length) }, () => w.makeKey())
    ids.push(...(await Promise.all(group)).map((key) => key.id))
  }
  return ids
}

/** Marks a change as applying without running it, as a crash right after the press of OK leaves it. */
async function startWithoutRunning(w: TestWorld, changeId: string): Promise<string> {
  const owner = randomUUID()
  await inTransaction(w.ctx, (tx) =>
    tx.sql.change.updateMany({
      where: { id: changeId },
      data: {
        status: 'applying',
        ownerId: owner,
        appliedAt: tx.now,
        leaseUntil: new Date(tx.now.getTime() + 30_000),
      },
    }),
  )
  return owner
}

describe('planning', () => {
  test('shows current and next state, and why items will be skipped, and changes nothing', async () => {
    await using w = await world()
    await using twin = await world()
    const [enabled, external, foreign] = [
      await w.makeKey(),
      await w.makeKey({ origin: 'external' }),
      await twin.makeKey(),
    ]
    const unknown = randomUUID()
    const planned = await plan(w, 'disable', [
      enabled.id,
      external.id,
      foreign.id,
      unknown,
      'no uuid',
      enabled.id,
    ])
    expect(planned).toMatchObject({
      status: 'planned',
      mine: true,
      total: 5,
      counts: { pending: 1, skipped: 4 },
    })
    expect(planned.items).toMatchObject([
      { keyId: enabled.id, state: '2', nextState: '3', outcome: 'pending' },
      {
        keyId: external.id,
        state: '5',
        nextState: null,
        reason: 'Pending import: import key material first',
      },
      { keyId: foreign.id, keyName: null, reason: 'No such key.' },
      { keyId: unknown, keyName: null, reason: 'No such key.' },
      { keyId: 'no uuid', keyName: null, reason: 'No such key.' },
    ])
    expect((await plan(w, 'disable', [enabled.id])).items[0]?.state).toBe('2')
  })

  test('a filter is frozen: keys that match later are not part of it', async () => {
    await using w = await world()
    await makeKeys(w, 3)
    const planned = await planChange(w.ctx, {
      projectId: w.projectId,
      operation: 'disable',
      selection: { filter: keyFilter.parse({ projectId: w.projectId, status: ['2'] }) },
    })
    const late = await w.makeKey()
    const done = await applyChange(w.ctx, { changeId: planned.id, ...confirmed })
    expect(done.counts.done).toBe(3)
    expect((await plan(w, 'disable', [late.id])).items[0]).toMatchObject({ state: '2', outcome: 'pending' })
  })

  test('without the right there is no plan', async () => {
    await using w = await world()
    const [id] = (await makeKeys(w, 1)) as [string]
    const reader = await w.userWith(['KMS CMKReadOnlyAccess'])
    await expect(plan(w, 'disable', [id], reader)).rejects.toMatchObject({ code: 'notPermitted' })
    const elsewhere = await w.userWith(['KMS CMKFullAccess'], w.otherProjectId)
    await expect(plan(w, 'disable', [id], elsewhere)).rejects.toMatchObject({ code: 'notPermitted' })
  })
})

describe('applying', () => {
  test('a key goes through its life: disable, enable, delete, cancel', async () => {
    await using w = await world()
    const [id] = (await makeKeys(w, 1)) as [string]
    expect((await change(w, 'disable', [id])).items).toMatchObject([{ outcome: 'done', nextState: '3' }])
    expect((await change(w, 'enable', [id])).items).toMatchObject([{ outcome: 'done', nextState: '2' }])
    const deleted = await change(w, 'scheduleDeletion', [id])
    expect(deleted).toMatchObject({ status: 'done', pendingDays: 7 })
    expect(Date.parse(deleted.deletionAt ?? '') - Date.parse(deleted.appliedAt ?? '')).toBe(7 * 86_400_000)
    expect((await change(w, 'cancelDeletion', [id])).items).toMatchObject([
      { outcome: 'done', nextState: '3' },
    ])
    expect((await plan(w, 'enable', [id])).items).toMatchObject([{ state: '3' }])
  })

  test('canceling the deletion of an external key without material gives Pending import', async () => {
    await using w = await world()
    const key = await w.makeKey({ origin: 'external' })
    await change(w, 'scheduleDeletion', [key.id])
    expect((await change(w, 'cancelDeletion', [key.id])).items).toMatchObject([
      { outcome: 'done', nextState: '5' },
    ])
  })

  test.for([
    ['disable', {}, 'changeNotConfirmed', 'understood'],
    ['disable', { understood: false }, 'changeNotConfirmed', 'understood'],
    ['scheduleDeletion', { pendingDays: '7' }, 'changeNotConfirmed', 'confirmation'],
    ['scheduleDeletion', { pendingDays: '7', confirmation: 'delete' }, 'changeNotConfirmed', 'confirmation'],
    ...['6', '1097', '7.5', '', '７', '-7', '1e2', '0x10'].map(
      (days) =>
        [
          'scheduleDeletion',
          { pendingDays: days, confirmation: 'DELETE' },
          'pendingDaysInvalid',
          'pendingDays',
        ] as const,
    ),
  ] as const)(
    '%s with %o is refused at the field and changes nothing',
    async ([operation, input, code, field]) => {
      await using w = await world()
      const [id] = (await makeKeys(w, 1)) as [string]
      const planned = await plan(w, operation, [id])
      await expect(applyChange(w.ctx, { changeId: planned.id, ...input })).rejects.toMatchObject({
        code,
        field,
      })
      expect(await readChange(w.ctx, { changeId: planned.id })).toMatchObject({
        status: 'planned',
        counts: { pending: 1 },
      })
    },
  )

  test('a double click and a retry after a lost answer are harmless', async () => {
    await using w = await world()
    const ids = await makeKeys(w, 3)
    const planned = await plan(w, 'disable', ids)
    await Promise.all([1, 2, 3].map(() => applyChange(w.ctx, { changeId: planned.id, ...confirmed })))
    const again = await applyChange(w.ctx, { changeId: planned.id, ...confirmed })
    expect(again).toMatchObject({ status: 'done', counts: { done: 3, failed: 0, changed: 0 } })
    expect((await plan(w, 'enable', ids)).items.map((item) => item.state)).toEqual(['3', '3', '3'])
  })

  test('an expired plan, one of somebody else and an unknown one are refused', async () => {
    await using w = await world()
    const [id] = (await makeKeys(w, 1)) as [string]
    const planned = await plan(w, 'disable', [id])
    const later = { ...w.ctx, now: (clock: Date) => new Date(clock.getTime() + 31 * 60_000) }
    await expect(applyChange(later, { changeId: planned.id, ...confirmed })).rejects.toMatchObject({
      code: 'changeExpired',
    })
    const other = await w.userWith(['KMS Administrator'])
    await expect(applyChange(other, { changeId: planned.id, ...confirmed })).rejects.toMatchObject({
      code: 'changeNotYours',
    })
    await expect(applyChange(w.ctx, { changeId: randomUUID(), ...confirmed })).rejects.toMatchObject({
      code: 'changeNotFound',
    })
    await using twin = await world()
    await expect(readChange(twin.ctx, { changeId: planned.id })).rejects.toMatchObject({
      code: 'changeNotFound',
    })
  })

  test('a key edited between review and apply fails alone', async () => {
    await using w = await world()
    const [moved, still] = (await makeKeys(w, 2)) as [string, string]
    const planned = await plan(w, 'scheduleDeletion', [moved, still])
    await change(w, 'disable', [moved])
    const done = await applyChange(w.ctx, { changeId: planned.id, ...confirmed })
    expect(done.items).toMatchObject([
      { keyId: moved, outcome: 'changed', reason: 'Changed since you reviewed it.' },
      { keyId: still, outcome: 'done' },
    ])
    expect(done.retryable).toBe(1)
    const retried = await retryChange(w.ctx, { changeId: done.id })
    expect(retried).toMatchObject({
      parentId: done.id,
      total: 1,
      items: [{ keyId: moved, state: '3', outcome: 'pending' }],
    })
  })

  test('two administrators on the same keys at once: every key is moved by exactly one of them', async () => {
    await using w = await world()
    const ids = await makeKeys(w, 12)
    const other = await w.userWith(['KMS CMKFullAccess'])
    const plans = await Promise.all([
      plan(w, 'disable', ids),
      plan(w, 'scheduleDeletion', ids.toReversed(), other),
    ])
    const [a, b] = await Promise.all([
      applyChange(w.ctx, { changeId: plans[0].id, ...confirmed }),
      applyChange(other, { changeId: plans[1].id, ...confirmed }),
    ])
    expect(a.counts.done + b.counts.done).toBe(12)
    expect(a.counts.changed + b.counts.changed).toBe(12)
    expect((await verifyAudit(w.db, w.rootKey, { accountId: w.accountId }))[0]).toMatchObject({
      problem: null,
    })
  })

  test('rights withdrawn during a bulk change hold from the next chunk on', async () => {
    await using w = await world()
    const ids = await makeKeys(w, 9)
    const author = await w.userWith(['KMS CMKFullAccess'])
    const planned = await plan(w, 'disable', ids, author)
    const owner = await startWithoutRunning(w, planned.id)
    let chunks = 0
    await runChange(author, planned.id, owner, {
      chunkSize: 3,
      beforeChunk: async () => {
        if (++chunks !== 2) return
        await inTransaction(w.ctx, (tx) =>
          tx.sql.roleAssignment.deleteMany({ where: { userId: author.actor.id } }),
        )
      },
    })
    const done = await readChange(w.ctx, { changeId: planned.id })
    expect(done.counts).toMatchObject({ done: 3, failed: 6, pending: 0 })
    expect(done.items[8]).toMatchObject({ reasonCode: 'notPermitted' })
  })

  test('a process that dies between two chunks is followed by another, and nothing is done twice', async () => {
    await using w = await world()
    const ids = await makeKeys(w, 8)
    const planned = await plan(w, 'disable', ids)
    const owner = await startWithoutRunning(w, planned.id)
    let chunks = 0
    await expect(
      runChange(w.ctx, planned.id, owner, {
        chunkSize: 3,
        beforeChunk: async () => {
          if (++chunks === 2) throw new Error('killed')
        },
      }),
    ).rejects.toThrow('killed')
    expect(await readChange(w.ctx, { changeId: planned.id })).toMatchObject({
      status: 'applying',
      counts: { done: 3, pending: 5 },
    })
    await inTransaction(w.ctx, (tx) =>
      tx.sql.change.updateMany({ where: { id: planned.id }, data: { leaseUntil: new Date(0) } }),
    )
    const claimed = await claimUntil(w, planned.id)
    await runChange(claimed.ctx, claimed.changeId, claimed.owner, { chunkSize: 3 })
    // The one presumed dead wakes up: its claim is gone, so it changes nothing.
    await runChange(w.ctx, planned.id, owner, { chunkSize: 3 })
    expect(await readChange(w.ctx, { changeId: planned.id })).toMatchObject({
      status: 'done',
      counts: { done: 8 },
    })
    const events = await inTransaction(w.ctx, (tx) =>
      tx.sql.auditEvent.count({ where: { action: 'disableKey' } }),
    )
    expect(events).toBe(8)
  })

  test('more than a hundred items are left to the runner', async () => {
    await using w = await world({ keyQuota: 200 })
    await makeKeys(w, 101)
    const planned = await planChange(w.ctx, {
      projectId: w.projectId,
      operation: 'disable',
      selection: { filter: keyFilter.parse({ projectId: w.projectId }) },
    })
    expect(await applyChange(w.ctx, { changeId: planned.id, ...confirmed })).toMatchObject({
      status: 'applying',
    })
    const claimed = await claimUntil(w, planned.id)
    await runChange(claimed.ctx, claimed.changeId, claimed.owner)
    expect(await readChange(w.ctx, { changeId: planned.id, page: 2 })).toMatchObject({
      status: 'done',
      counts: { done: 101 },
      items: [{ ordinal: 101 }],
    })
  })

  test('a change that is stopped keeps what was done and can be finished later', async () => {
    await using w = await world()
    const ids = await makeKeys(w, 6)
    const planned = await plan(w, 'disable', ids)
    const owner = await startWithoutRunning(w, planned.id)
    let chunks = 0
    await runChange(w.ctx, planned.id, owner, {
      chunkSize: 2,
      beforeChunk: async () => {
        if (++chunks === 2) await stopChange(w.ctx, { changeId: planned.id })
      },
    })
    const stopped = await readChange(w.ctx, { changeId: planned.id })
    expect(stopped).toMatchObject({ status: 'stopped', counts: { done: 2, pending: 4 }, retryable: 4 })
    const rest = await retryChange(w.ctx, { changeId: planned.id })
    expect(await applyChange(w.ctx, { changeId: rest.id, ...confirmed })).toMatchObject({
      counts: { done: 4 },
    })
  })

  test('one item that breaks its chunk fails alone, with the request id', async () => {
    await using w = await world()
    const ids = await makeKeys(w, 5)
    const bad = ids[3] as string
    await inTransaction(w.ctx, (tx) =>
      tx.sql.key.updateMany({ where: { id: bad }, data: { revision: 2_147_483_647 } }),
    )
    const done = await change(w, 'disable', ids)
    expect(done).toMatchObject({ status: 'done', counts: { done: 4, failed: 1 } })
    expect(done.items[3]).toMatchObject({
      keyId: bad,
      outcome: 'failed',
      reasonCode: 'unexpected',
      requestId: w.ctx.requestId,
    })
  })
})

describe('undo', () => {
  test.for([
    ['disable', 'enable', '2'],
    ['scheduleDeletion', 'cancelDeletion', '3'],
  ] as const)('of %s is a plan of %s', async ([operation, inverse, state]) => {
    await using w = await world()
    const ids = await makeKeys(w, 2)
    const done = await change(w, operation, ids)
    expect(done.undo).toEqual({ operation: inverse, keys: 2 })
    const undo = await undoChange(w.ctx, { changeId: done.id })
    expect(undo).toMatchObject({ operation: inverse, undoOf: done.id, status: 'planned' })
    const undone = await applyChange(w.ctx, { changeId: undo.id, ...confirmed })
    expect(undone.items.map((item) => item.nextState)).toEqual([state, state])
  })

  test('skips keys that were touched since', async () => {
    await using w = await world()
    const [touched, untouched] = (await makeKeys(w, 2)) as [string, string]
    const done = await change(w, 'disable', [touched, untouched])
    await change(w, 'enable', [touched])
    await change(w, 'disable', [touched])
    const undo = await undoChange(w.ctx, { changeId: done.id })
    expect(undo.items).toMatchObject([
      { keyId: touched, outcome: 'skipped', reasonCode: 'changedSinceReview' },
      { keyId: untouched, outcome: 'pending' },
    ])
  })

  test('is not offered for Cancel Deletion', async () => {
    await using w = await world()
    const ids = await makeKeys(w, 1)
    await change(w, 'scheduleDeletion', ids)
    const done = await change(w, 'cancelDeletion', ids)
    expect(done.undo).toBeNull()
    await expect(undoChange(w.ctx, { changeId: done.id })).rejects.toMatchObject({ code: 'changeNotFound' })
  })
})

/** Changes that earlier tests left waiting in the shared database are claimed on the way, and nobody misses them. */
async function claimUntil(w: TestWorld, changeId: string) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const claimed = await claimChange(w.db, w.rootKey)
    if (claimed?.changeId === changeId) return claimed
  }
  throw new Error('the change was not claimed')
}
