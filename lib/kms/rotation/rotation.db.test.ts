import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { verifyAudit } from '../audit/verify-audit.ts'
import type { KmsContext } from '../context.ts'
import { parseEnvelope } from '../crypto/envelope-layout.ts'
import type { KeyInProject } from '../keys/change-key.ts'
import { changeKeyState } from '../keys/change-key-state.ts'
import { createDefaultKey } from '../keys/create-default-key.ts'
import { deleteMaterial } from '../material/delete-material.ts'
import type { ErrorCode } from '../model/errors.ts'
import { dayMilliseconds } from '../model/limits.ts'
import { decryptData } from '../operations/decrypt-data.ts'
import { encryptData } from '../operations/encrypt-data.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { importBytes } from '../testing/wrap-material.ts'
import { inTransaction } from '../transaction.ts'
import { disableRotation } from './disable-rotation.ts'
import { enableRotation } from './enable-rotation.ts'
import { readRotationStatus } from './read-rotation-status.ts'
import { rotateDueKeys } from './rotate-due-keys.ts'
import { rotateKey } from './rotate-key.ts'
import { rotateOnDemand } from './rotate-on-demand.ts'
import { updateRotationInterval } from './update-rotation-interval.ts'

let w: TestWorld

beforeAll(async () => {
  w = await testWorld(inject('databaseUrl'), { keyQuota: 1_000 })
})

afterAll(() => w[Symbol.asyncDispose]())

const code = (expected: ErrorCode) => expect.objectContaining({ code: expected })
const text = Buffer.from('a small secret')
const days = (count: number): number => count * dayMilliseconds

async function makeKey(input: Parameters<TestWorld['makeKey']>[0] = {}): Promise<KeyInProject> {
  return { projectId: w.projectId, keyId: (await w.makeKey(input)).id }
}

const versionIn = (ciphertext: Buffer): number => parseEnvelope(ciphertext).materialVersion

async function encrypt(ctx: KmsContext, key: KeyInProject): Promise<Buffer> {
  return (await encryptData(ctx, { ...key, plaintext: text })).ciphertext
}

async function decrypt(ctx: KmsContext, projectId: string, ciphertext: Buffer): Promise<Buffer> {
  return (await decryptData(ctx, { projectId, ciphertext })).plaintext
}

describe('the setting', () => {
  test('on, changed, off; the interval counts from where it began', async () => {
    const key = await makeKey()
    expect(await readRotationStatus(w.ctx, key)).toMatchObject({
      enabled: false,
      intervalDays: 365,
      rotations: 0,
    })
    await enableRotation(w.ctx, key)
    const on = await readRotationStatus(w.ctx, key)
    expect(on).toMatchObject({ enabled: true, intervalDays: 365, lastRotatedAt: null, rotations: 0 })
    const since = (on.nextRotationAt?.getTime() ?? 0) - days(365)
    expect(Math.abs(since - Date.now())).toBeLessThan(60_000)
    for (const intervalDays of [30, 365, 90]) {
      await updateRotationInterval(w.ctx, { ...key, intervalDays })
      expect(await readRotationStatus(w.ctx, key)).toMatchObject({
        intervalDays,
        nextRotationAt: new Date(since + days(intervalDays)),
      })
    }
    await disableRotation(w.ctx, key)
    expect(await readRotationStatus(w.ctx, key)).toMatchObject({
      enabled: false,
      intervalDays: 90,
      nextRotationAt: null,
    })
    await enableRotation(w.ctx, key)
    expect(await readRotationStatus(w.ctx, key)).toMatchObject({ enabled: true, intervalDays: 365 })
  })

  test('is on or off once, and only what is on is changed', async () => {
    const key = await makeKey()
    await expect(disableRotation(w.ctx, key)).rejects.toEqual(code('rotationNotEnabled'))
    await expect(updateRotationInterval(w.ctx, { ...key, intervalDays: 60 })).rejects.toEqual(
      code('rotationNotEnabled'),
    )
    await enableRotation(w.ctx, key)
    await expect(enableRotation(w.ctx, key)).rejects.toEqual(code('rotationAlreadyEnabled'))
  })

  test.for([29, 366, 0, -30, 30.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'an interval of %d days is refused',
    async (intervalDays) => {
      const key = await makeKey()
      await enableRotation(w.ctx, key)
      await expect(updateRotationInterval(w.ctx, { ...key, intervalDays })).rejects.toEqual(
        code('rotationIntervalInvalid'),
      )
    },
  )

  test('is kept, and cannot be changed, while the key is Disabled or pending deletion', async () => {
    const key = await makeKey()
    await enableRotation(w.ctx, key)
    const before = await readRotationStatus(w.ctx, key)
    const changes = [
      () => enableRotation(w.ctx, key),
      () => disableRotation(w.ctx, key),
      () => updateRotationInterval(w.ctx, { ...key, intervalDays: 60 }),
      () => rotateKey(w.ctx, key),
    ]
    await changeKeyState(w.ctx, { ...key, operation: 'disable' })
    for (const change of changes) await expect(change()).rejects.toEqual(code('keyDisabled'))
    await changeKeyState(w.ctx, { ...key, operation: 'scheduleDeletion', pendingDays: 7 })
    for (const change of changes) await expect(change()).rejects.toEqual(code('keyPendingDeletion'))
    expect(await readRotationStatus(w.ctx, key)).toEqual(before)
  })

  const kinds = [
    ['RSA', { spec: 'RSA_2048', usage: 'SIGN_VERIFY' }, 'asymmetricCannotRotate'],
    ['a curve', { spec: 'EC_P256', usage: 'SIGN_VERIFY' }, 'notForAsymmetric'],
    ['HMAC', { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' }, 'rotationNotSupported'],
    ['external material', { origin: 'external' }, 'externalKeyCannotRotate'],
  ] as const

  test.for(kinds)('%s cannot be rotated', async ([, input, expected]) => {
    const key = await makeKey(input)
    await expect(enableRotation(w.ctx, key)).rejects.toEqual(code(expected))
    await expect(disableRotation(w.ctx, key)).rejects.toEqual(code(expected))
    await expect(updateRotationInterval(w.ctx, { ...key, intervalDays: 60 })).rejects.toEqual(code(expected))
    await expect(rotateKey(w.ctx, key)).rejects.toEqual(code(expected))
    expect(await readRotationStatus(w.ctx, key)).toMatchObject({ enabled: false })
  })

  test('default keys and replicas cannot be rotated; a replica tells its primary’s setting', async () => {
    const { id } = await createDefaultKey(w.ctx, { projectId: w.projectId, service: 'obs' })
    const byDefault = { projectId: w.projectId, keyId: id }
    await expect(enableRotation(w.ctx, byDefault)).rejects.toEqual(code('defaultKey'))
    await expect(rotateKey(w.ctx, byDefault)).rejects.toEqual(code('defaultKey'))
    const primary = await makeKey()
    await enableRotation(w.ctx, primary)
    const replica = await w.makeReplica(primary)
    await expect(enableRotation(w.ctx, replica)).rejects.toEqual(code('notPrimaryRegion'))
    await expect(rotateKey(w.ctx, replica)).rejects.toEqual(code('notPrimaryRegion'))
    expect(await readRotationStatus(w.ctx, replica)).toMatchObject({ keyId: replica.keyId, enabled: true })
  })

  test('a reader sees it and changes nothing', async () => {
    const key = await makeKey()
    const reader = await w.userWith(['KMS CMKReadOnlyAccess'])
    expect(await readRotationStatus(reader, key)).toMatchObject({ enabled: false })
    const refused = code('notPermitted')
    await expect(enableRotation(reader, key)).rejects.toEqual(refused)
    await expect(disableRotation(reader, key)).rejects.toEqual(refused)
    await expect(updateRotationInterval(reader, { ...key, intervalDays: 1 })).rejects.toEqual(refused)
    await expect(rotateKey(reader, key)).rejects.toEqual(refused)
    await expect(rotateOnDemand(reader, key)).rejects.toEqual(refused)
  })
})

describe('rotating', () => {
  test('now: new ciphertexts use the new version, every old one opens, replicas alike', async () => {
    const key = await makeKey()
    const replica = await w.makeReplica(key)
    const sealed = [await encrypt(w.ctx, key)]
    for (const version of [2, 3, 4]) {
      expect(await rotateKey(w.ctx, key)).toEqual({ keyId: key.keyId, version })
      sealed.push(await encrypt(w.ctx, version % 2 === 0 ? key : replica))
    }
    expect(sealed.map(versionIn)).toEqual([1, 2, 3, 4])
    for (const ciphertext of sealed) {
      expect(await decrypt(w.ctx, w.projectId, ciphertext)).toEqual(text)
      expect(await decrypt(w.ctx, w.otherProjectId, ciphertext)).toEqual(text)
    }
    const status = await readRotationStatus(w.ctx, key)
    expect(status).toMatchObject({ rotations: 3, enabled: false })
    expect(status.materials.map(({ version, state }) => [version, state])).toEqual([
      [4, 'enabled'],
      [3, 'enabled'],
      [2, 'enabled'],
      [1, 'enabled'],
    ])
    expect(new Set(status.materials.map(({ id }) => id)).size).toBe(4)
  })

  test('while others encrypt and rotate: every ciphertext opens, no version is lost', async () => {
    await using busy = await testWorld(inject('databaseUrl'), { connections: 20 })
    const { id: keyId } = await busy.makeKey()
    const key = { projectId: busy.projectId, keyId }
    const [rotations, sealed] = await Promise.all([
      Promise.all(Array.from({ length: 6 }, () => rotateKey(busy.ctx, key))),
      Promise.all(Array.from({ length: 40 }, () => encrypt(busy.ctx, key))),
    ])
    expect(rotations.map(({ version }) => version).toSorted()).toEqual([2, 3, 4, 5, 6, 7])
    for (const ciphertext of sealed) {
      expect(await decrypt(busy.ctx, key.projectId, ciphertext)).toEqual(text)
    }
    expect(versionIn(await encrypt(busy.ctx, key))).toBe(7)
    const [report] = await verifyAudit(busy.db, busy.rootKey, { accountId: busy.accountId })
    expect(report?.problem).toBeNull()
  })
})

describe('by the clock', () => {
  /** Rotating looks at every account, so these tests have a database of their own. */
  async function alone() {
    const database = await freshDatabase()
    const own = await testWorld(database.connectionString)
    return {
      own,
      key: async (): Promise<KeyInProject> => ({
        projectId: own.projectId,
        keyId: (await own.makeKey()).id,
      }),
      rotateAfter: (count: number) =>
        rotateDueKeys({
          db: own.db,
          rootKey: own.rootKey,
          now: (clock) => new Date(clock.getTime() + days(count)),
        }),
      [Symbol.asyncDispose]: async () => {
        await own[Symbol.asyncDispose]()
        await database[Symbol.asyncDispose]()
      },
    }
  }

  test('a key is rotated when it is due, and again an interval later', async () => {
    await using a = await alone()
    const key = await a.key()
    await enableRotation(a.own.ctx, key)
    await updateRotationInterval(a.own.ctx, { ...key, intervalDays: 30 })
    const first = await encrypt(a.own.ctx, key)
    expect(await a.rotateAfter(29.9)).toBe(0)
    expect(await a.rotateAfter(30.1)).toBe(1)
    expect(await a.rotateAfter(60)).toBe(0)
    expect(await a.rotateAfter(60.2)).toBe(1)
    expect(await readRotationStatus(a.own.ctx, key)).toMatchObject({ rotations: 2, intervalDays: 30 })
    expect(versionIn(await encrypt(a.own.ctx, key))).toBe(3)
    expect(await decrypt(a.own.ctx, key.projectId, first)).toEqual(text)
    const events = await inTransaction(a.own.ctx, (tx) =>
      tx.sql.auditEvent.findMany({ where: { action: 'rotateKey' } }),
    )
    expect(events).toMatchObject([
      { actorId: 'jobs', resourceId: key.keyId },
      { actorId: 'jobs', resourceId: key.keyId },
    ])
  })

  test('a Disabled key is left alone, and rotated once it is Enabled again and overdue', async () => {
    await using a = await alone()
    const key = await a.key()
    await enableRotation(a.own.ctx, key)
    await changeKeyState(a.own.ctx, { ...key, operation: 'disable' })
    expect(await a.rotateAfter(400)).toBe(0)
    await changeKeyState(a.own.ctx, { ...key, operation: 'enable' })
    expect(await a.rotateAfter(364)).toBe(0)
    expect(await a.rotateAfter(400)).toBe(1)
  })

  test('a key pending deletion is left alone', async () => {
    await using a = await alone()
    const key = await a.key()
    await enableRotation(a.own.ctx, key)
    await changeKeyState(a.own.ctx, { ...key, operation: 'scheduleDeletion', pendingDays: 1000 })
    expect(await a.rotateAfter(400)).toBe(0)
  })

  test('several processes rotate each key once', async () => {
    await using a = await alone()
    const keys = await Promise.all(Array.from({ length: 8 }, a.key))
    for (const key of keys) await enableRotation(a.own.ctx, key)
    const counts = await Promise.all([a.rotateAfter(366), a.rotateAfter(366), a.rotateAfter(366)])
    expect(counts.reduce((sum, count) => sum + count)).toBe(8)
    for (const key of keys) {
      expect(await readRotationStatus(a.own.ctx, key)).toMatchObject({ rotations: 1 })
    }
  })
})

describe('on demand', () => {
  async function external(bytes = randomBytes(32)): Promise<KeyInProject> {
    const key = await makeKey({ origin: 'external' })
    await importBytes(w, key.keyId, bytes)
    return key
  }

  test('material imported ahead changes nothing until it is rotated to; then both versions open', async () => {
    const key = await external()
    const first = await encrypt(w.ctx, key)
    await importBytes(w, key.keyId, randomBytes(32))
    expect((await readRotationStatus(w.ctx, key)).materials).toMatchObject([
      { version: 2, state: 'waiting' },
      { version: 1, state: 'enabled' },
    ])
    expect(versionIn(await encrypt(w.ctx, key))).toBe(1)
    expect(await rotateOnDemand(w.ctx, key)).toEqual({ keyId: key.keyId, version: 2 })
    const second = await encrypt(w.ctx, key)
    expect(versionIn(second)).toBe(2)
    for (const ciphertext of [first, second]) {
      expect(await decrypt(w.ctx, key.projectId, ciphertext)).toEqual(text)
    }
    expect(await readRotationStatus(w.ctx, key)).toMatchObject({ rotations: 1, enabled: false })
  })

  test('what waits is replaced by a later import; the same material again is refused', async () => {
    const bytes = randomBytes(32)
    const key = await external(bytes)
    await importBytes(w, key.keyId, randomBytes(32))
    await importBytes(w, key.keyId, randomBytes(32))
    await expect(importBytes(w, key.keyId, bytes)).rejects.toEqual(code('notPendingImport'))
    expect(await rotateOnDemand(w.ctx, key)).toMatchObject({ version: 2 })
    await expect(rotateOnDemand(w.ctx, key)).rejects.toEqual(code('rotationNotSupported'))
  })

  test('after a deletion the key is Enabled once every version is back', async () => {
    const [first, second] = [randomBytes(32), randomBytes(32)]
    const key = await external(first)
    const sealed = [await encrypt(w.ctx, key)]
    await importBytes(w, key.keyId, second)
    await rotateOnDemand(w.ctx, key)
    sealed.push(await encrypt(w.ctx, key))
    await deleteMaterial(w.ctx, key)
    await importBytes(w, key.keyId, first)
    await expect(encrypt(w.ctx, key)).rejects.toEqual(code('keyPendingImport'))
    await expect(importBytes(w, key.keyId, randomBytes(32))).rejects.toEqual(code('materialDiffers'))
    await importBytes(w, key.keyId, second)
    expect(versionIn(await encrypt(w.ctx, key))).toBe(2)
    for (const ciphertext of sealed) {
      expect(await decrypt(w.ctx, key.projectId, ciphertext)).toEqual(text)
    }
  })

  test('what is refused', async () => {
    await expect(rotateOnDemand(w.ctx, await makeKey())).rejects.toEqual(code('originNotExternal'))
    await expect(rotateOnDemand(w.ctx, await makeKey({ origin: 'external' }))).rejects.toEqual(
      code('keyPendingImport'),
    )
    await expect(rotateOnDemand(w.ctx, await external())).rejects.toEqual(code('rotationNotSupported'))
    const disabled = await external()
    await importBytes(w, disabled.keyId, randomBytes(32))
    await changeKeyState(w.ctx, { ...disabled, operation: 'disable' })
    await expect(rotateOnDemand(w.ctx, disabled)).rejects.toEqual(code('keyDisabled'))
    const pair = await makeKey({ origin: 'external', spec: 'RSA_2048', usage: 'SIGN_VERIFY' })
    await expect(rotateOnDemand(w.ctx, pair)).rejects.toEqual(code('asymmetricCannotRotate'))
  })
})
