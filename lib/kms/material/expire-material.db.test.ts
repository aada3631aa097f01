import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { verifyAudit } from '../audit/verify-audit.ts'
import { applyChange } from '../changes/apply-change.ts'
import { planChange } from '../changes/plan-change.ts'
import type { KmsContext } from '../context.ts'
import { changeKeyState } from '../keys/change-key-state.ts'
import { describeKey } from '../keys/describe-key.ts'
import { listKeys } from '../keys/list-keys.ts'
import type { ErrorCode } from '../model/errors.ts'
import { keyListInput } from '../model/inputs/key-filter.ts'
import { decryptData } from '../operations/decrypt-data.ts'
import { encryptData } from '../operations/encrypt-data.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { importBytes } from '../testing/wrap-material.ts'
import { inTransaction } from '../transaction.ts'
import { deleteMaterial } from './delete-material.ts'
import { expireMaterial } from './expire-material.ts'

const code = (expected: ErrorCode) => expect.objectContaining({ code: expected })
const hours = (count: number): number => count * 3_600_000
const text = Buffer.from('a small secret')

/** Expiring looks at every account, so these tests have a database of their own. */
async function alone(): Promise<
  { w: TestWorld; expireAt: (moment: number) => Promise<number> } & AsyncDisposable
> {
  const database = await freshDatabase()
  const w = await testWorld(database.connectionString)
  return {
    w,
    expireAt: (moment) => expireMaterial({ db: w.db, rootKey: w.rootKey, now: () => new Date(moment) }),
    [Symbol.asyncDispose]: async () => {
      await w[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

const at = (ctx: KmsContext, moment: number): KmsContext => ({ ...ctx, now: () => new Date(moment) })

async function expiring(w: TestWorld, expiresAt: Date, bytes = randomBytes(32)) {
  const { id: keyId } = await w.makeKey({ origin: 'external' })
  await importBytes(w, keyId, bytes, { expiresAt })
  return { projectId: w.projectId, keyId }
}

async function statesOf(w: TestWorld): Promise<Record<string, string>> {
  const keys = await inTransaction(w.ctx, (tx) => tx.sql.key.findMany({ where: { accountId: w.accountId } }))
  return Object.fromEntries(keys.map((key) => [key.id, key.state]))
}

test('material is unusable from its moment on, and not before, whether or not the job ran', async () => {
  await using a = await alone()
  const { w } = a
  const moment = Date.now() + hours(1)
  const key = await expiring(w, new Date(moment))
  const { ciphertext } = await encryptData(at(w.ctx, moment - 1), { ...key, plaintext: text })
  const refused = code('keyPendingImport')
  await expect(encryptData(at(w.ctx, moment), { ...key, plaintext: text })).rejects.toEqual(refused)
  await expect(decryptData(at(w.ctx, moment), { projectId: w.projectId, ciphertext })).rejects.toEqual(
    refused,
  )
  expect(await a.expireAt(moment - 1)).toBe(0)
  expect(await statesOf(w)).toEqual({ [key.keyId]: '2' })
  expect(await a.expireAt(moment)).toBe(1)
  expect(await statesOf(w)).toEqual({ [key.keyId]: '5' })
  expect(await a.expireAt(moment + hours(24))).toBe(0)
})

test('an expiry leaves the fingerprint, an event and no material; the identical material comes back', async () => {
  await using a = await alone()
  const { w } = a
  const bytes = randomBytes(32)
  const moment = Date.now() + hours(1)
  const key = await expiring(w, new Date(moment), bytes)
  const { ciphertext } = await encryptData(w.ctx, { ...key, plaintext: text })
  await a.expireAt(moment)
  await inTransaction(w.ctx, async (tx) => {
    const versions = await tx.sql.materialVersion.findMany()
    expect(versions).toMatchObject([{ sealed: null, version: 1 }])
    expect(versions[0]?.fingerprint).toHaveLength(32)
    expect(await tx.sql.auditEvent.findMany({ where: { action: 'expireKeyMaterial' } })).toMatchObject([
      { resourceId: key.keyId, outcome: 'done', actorId: 'jobs' },
    ])
  })
  await expect(importBytes(w, key.keyId, randomBytes(32))).rejects.toEqual(code('materialDiffers'))
  await importBytes(w, key.keyId, bytes)
  expect((await decryptData(w.ctx, { projectId: w.projectId, ciphertext })).plaintext).toEqual(text)
  expect((await describeKey(w.ctx, key)).materialExpiresAt).toBeNull()
  expect((await verifyAudit(w.db, w.rootKey))[0]).toMatchObject({ problem: null })
})

test('a Disabled key waits for import; one pending deletion stays pending and comes back waiting', async () => {
  await using a = await alone()
  const { w } = a
  const moment = Date.now() + hours(1)
  const disabled = await expiring(w, new Date(moment))
  const dying = await expiring(w, new Date(moment))
  await changeKeyState(w.ctx, { ...disabled, operation: 'disable' })
  await changeKeyState(w.ctx, { ...dying, operation: 'scheduleDeletion', pendingDays: 7 })
  expect(await a.expireAt(moment)).toBe(2)
  expect(await statesOf(w)).toEqual({ [disabled.keyId]: '5', [dying.keyId]: '4' })
  expect(await changeKeyState(w.ctx, { ...dying, operation: 'cancelDeletion' })).toMatchObject({ state: '5' })
})

test('a Disabled key is not enabled without its material, and says why, before the job has run', async () => {
  await using a = await alone()
  const { w } = a
  const { projectId, keyId } = await expiring(w, new Date(Date.now() + hours(1)))
  await changeKeyState(w.ctx, { projectId, keyId, operation: 'disable' })
  const reviewed = await planChange(w.ctx, { projectId, operation: 'enable', selection: { ids: [keyId] } })
  await inTransaction(w.ctx, (tx) =>
    tx.sql.materialVersion.updateMany({ data: { expiresAt: new Date(tx.now.getTime() - 1) } }),
  )
  await expect(changeKeyState(w.ctx, { projectId, keyId, operation: 'enable' })).rejects.toEqual(
    code('keyNotDisabled'),
  )
  const applied = await applyChange(w.ctx, { changeId: reviewed.id, understood: true })
  expect(applied.items).toMatchObject([{ outcome: 'failed', reasonCode: 'keyNotDisabled' }])
  const again = await planChange(w.ctx, { projectId, operation: 'enable', selection: { ids: [keyId] } })
  const reason = 'Key material expired: import it again'
  expect(again.items).toMatchObject([{ outcome: 'skipped', reason }])
  const { keys } = await listKeys(w.ctx, keyListInput.parse({ projectId }))
  expect(keys).toMatchObject([{ state: '3', refusals: { enable: reason } }])
  expect(await statesOf(w)).toEqual({ [keyId]: '3' })
})

test('a replica loses and gets its material with its primary, each with an event', async () => {
  await using a = await alone()
  const { w } = a
  const bytes = randomBytes(32)
  const moment = Date.now() + hours(1)
  const primary = await expiring(w, new Date(moment), bytes)
  const replica = await w.makeReplica(primary)
  const both = (state: string) => ({ [primary.keyId]: state, [replica.keyId]: state })
  expect(await a.expireAt(moment)).toBe(1)
  expect(await statesOf(w)).toEqual(both('5'))
  await importBytes(w, primary.keyId, bytes)
  expect(await statesOf(w)).toEqual(both('2'))
  await expect(deleteMaterial(w.ctx, replica)).rejects.toEqual(code('notPrimaryRegion'))
  await deleteMaterial(w.ctx, primary)
  expect(await statesOf(w)).toEqual(both('5'))
  const events = await inTransaction(w.ctx, (tx) =>
    tx.sql.auditEvent.groupBy({
      by: ['action'],
      where: { resourceId: replica.keyId, outcome: 'done' },
      _count: true,
      orderBy: { action: 'asc' },
    }),
  )
  expect(events.map((event) => [event.action, event._count])).toEqual([
    ['deleteImportedKeyMaterial', 1],
    ['expireKeyMaterial', 1],
    ['importKeyMaterial', 1],
  ])
})

test('material imported anew a moment before is not expired; several processes expire each set once', async () => {
  await using a = await alone()
  const { w } = a
  const moment = Date.now() + hours(1)
  await Promise.all(Array.from({ length: 6 }, () => expiring(w, new Date(moment))))
  const counts = await Promise.all([1, 2, 3].map(() => a.expireAt(moment)))
  expect(counts.reduce((sum, count) => sum + count)).toBe(6)
  const events = await inTransaction(w.ctx, (tx) =>
    tx.sql.auditEvent.count({ where: { action: 'expireKeyMaterial' } }),
  )
  expect(events).toBe(6)
})
