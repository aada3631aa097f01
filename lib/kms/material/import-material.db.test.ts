import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { verifyAudit } from '../audit/verify-audit.ts'
import { offLoop } from '../crypto/asymmetric-work.ts'
import { changeKeyState } from '../keys/change-key-state.ts'
import { describeKey } from '../keys/describe-key.ts'
import type { ErrorCode } from '../model/errors.ts'
import type { KeySpec, KeyUsage } from '../model/key-spec.ts'
import { decryptData } from '../operations/decrypt-data.ts'
import { encryptData } from '../operations/encrypt-data.ts'
import { sign } from '../operations/sign.ts'
import { verify } from '../operations/verify.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { importBytes, rsaPrivateKey, wrapMaterial, wrapPrivateKey } from '../testing/wrap-material.ts'
import { inTransaction } from '../transaction.ts'
import { deleteMaterial } from './delete-material.ts'
import { type ImportMaterialInput, importMaterial } from './import-material.ts'
import { type OpenedImport, openImport } from './open-import.ts'

let w: TestWorld

beforeAll(async () => {
  w = await testWorld(inject('databaseUrl'), { keyQuota: 1_000 })
})

afterAll(() => w[Symbol.asyncDispose]())

const code = (expected: ErrorCode) => expect.objectContaining({ code: expected })
const wrappingAlgorithm = 'RSAES_OAEP_SHA_256'

async function external(spec: KeySpec = 'AES_256', usage: KeyUsage = 'ENCRYPT_DECRYPT') {
  const { id: keyId } = await w.makeKey({ spec, usage, origin: 'external' })
  return { projectId: w.projectId, keyId }
}

const open = (key: { projectId: string; keyId: string }): Promise<OpenedImport> =>
  openImport(w.ctx, { ...key, wrappingAlgorithm })

const stateOf = async (key: { projectId: string; keyId: string }): Promise<string> =>
  (await describeKey(w.ctx, key)).state

/** What the database holds of a key's import, its material and its row. */
const rowsOf = (keyId: string) =>
  inTransaction(w.ctx, async (tx) => {
    const where = { accountId: w.accountId }
    const key = await tx.sql.key.findUniqueOrThrow({ where: { accountId_id: { ...where, id: keyId } } })
    return {
      key,
      request: await tx.sql.importRequest.findFirst({ where: { ...where, keyId } }),
      versions: await tx.sql.materialVersion.findMany({
        where: { ...where, setId: key.materialSetId },
        orderBy: { version: 'asc' },
      }),
    }
  })

const text = Buffer.from('a small secret')

describe('importing', () => {
  test.for([
    ['AES_256', 32],
    ['SM4', 16],
  ] as const)('%s: the key is Enabled and works with the imported material', async ([spec, bytes]) => {
    const key = await external(spec)
    const set = await open(key)
    expect(set.keyId).toBe(key.keyId)
    expect(set.expiresAt.getTime() - Date.now()).toBeGreaterThan(23.9 * 3_600_000)
    const result = await importMaterial(w.ctx, {
      ...key,
      importToken: set.importToken,
      wrappedMaterial: wrapMaterial(set.publicKey, randomBytes(bytes)),
    })
    expect(result).toEqual({ keyId: key.keyId, state: '2' })
    const { ciphertext } = await encryptData(w.ctx, { ...key, plaintext: text })
    expect((await decryptData(w.ctx, { projectId: w.projectId, ciphertext })).plaintext).toEqual(text)
    expect((await rowsOf(key.keyId)).request).toBeNull()
  })

  test('an RSA private key signs as its owner would, and verifies', async () => {
    const key = await external('RSA_2048', 'SIGN_VERIFY')
    const set = await open(key)
    await importMaterial(w.ctx, {
      ...key,
      importToken: set.importToken,
      ...wrapPrivateKey(set.publicKey, rsaPrivateKey()),
    })
    const signed = { ...key, message: text, messageType: 'RAW', algorithm: 'RSASSA_PSS_SHA_256' } as const
    const { signature } = await sign(w.ctx, signed)
    expect(await verify(w.ctx, { ...signed, signature })).toMatchObject({ valid: true })
  })

  test.for([
    ['EC_P256', 'prime256v1'],
    ['EC_P384', 'secp384r1'],
    ['SECP256K1', 'secp256k1'],
  ] as const)('%s', async ([spec, namedCurve]) => {
    const key = await external(spec, 'SIGN_VERIFY')
    const set = await open(key)
    const { privateKey } = generateKeyPairSync('ec', { namedCurve })
    const der = privateKey.export({ type: 'pkcs8', format: 'der' })
    const wrapped = wrapPrivateKey(set.publicKey, der)
    expect(await importMaterial(w.ctx, { ...key, importToken: set.importToken, ...wrapped })).toMatchObject({
      state: '2',
    })
  })

  test('the token and the names of what happened stand in a chain that verifies', async () => {
    await using alone = await testWorld(inject('databaseUrl'))
    const { id: keyId } = await alone.makeKey({ origin: 'external' })
    await importBytes(alone, keyId, randomBytes(32))
    await deleteMaterial(alone.ctx, { projectId: alone.projectId, keyId })
    const events = await inTransaction(alone.ctx, (tx) =>
      tx.sql.auditEvent.findMany({ where: { accountId: alone.accountId }, orderBy: { seq: 'asc' } }),
    )
    expect(events.map((event) => event.action)).toEqual([
      'createKey',
      'getParametersForImport',
      'importKeyMaterial',
      'deleteImportedKeyMaterial',
    ])
    const [report] = await verifyAudit(alone.db, alone.rootKey, { accountId: alone.accountId })
    expect(report?.problem).toBeNull()
  })
})

describe('what is refused', () => {
  test.for([
    ['a key of ours', {}, 'originNotExternal'],
    ['a key of the caller', { origin: 'external' }, null],
  ] as const)('parameters for %s', async ([, input, expected]) => {
    const { id: keyId } = await w.makeKey(input)
    const opening = openImport(w.ctx, { projectId: w.projectId, keyId, wrappingAlgorithm })
    if (expected) await expect(opening).rejects.toEqual(code(expected))
    else await expect(opening).resolves.toMatchObject({ keyId })
  })

  test.for(['RSAES_PKCS1_V1_5', 'RSAES_OAEP_SHA_1', 'SM2_ENCRYPT', ''])(
    'wrapping with %s',
    async (algorithm) => {
      const opening = openImport(w.ctx, { ...(await external()), wrappingAlgorithm: algorithm })
      await expect(opening).rejects.toEqual(code('wrappingAlgorithmInvalid'))
    },
  )

  test('a reader, before anything is said about the key', async () => {
    const reader = await w.userWith(['KMS CMKReadOnlyAccess'])
    const { id: keyId } = await w.makeKey()
    const key = { projectId: w.projectId, keyId }
    const nothing = new Uint8Array()
    await expect(openImport(reader, { ...key, wrappingAlgorithm })).rejects.toEqual(code('notPermitted'))
    await expect(
      importMaterial(reader, { ...key, importToken: nothing, wrappedMaterial: nothing }),
    ).rejects.toEqual(code('notPermitted'))
    await expect(deleteMaterial(reader, key)).rejects.toEqual(code('notPermitted'))
  })

  test('Disabled keys, keys pending deletion, and asymmetric keys that have their material', async () => {
    const disabled = await external()
    await importBytes(w, disabled.keyId, randomBytes(32))
    await changeKeyState(w.ctx, { ...disabled, operation: 'disable' })
    await expect(open(disabled)).rejects.toEqual(code('notPendingImport'))
    const dying = await external()
    const set = await open(dying)
    await changeKeyState(w.ctx, { ...dying, operation: 'scheduleDeletion', pendingDays: 7 })
    await expect(open(dying)).rejects.toEqual(code('notPendingImport'))
    const wrappedMaterial = wrapMaterial(set.publicKey, randomBytes(32))
    await expect(
      importMaterial(w.ctx, { ...dying, importToken: set.importToken, wrappedMaterial }),
    ).rejects.toEqual(code('notPendingImport'))
    const rsa = await external('RSA_2048', 'SIGN_VERIFY')
    const rsaSet = await open(rsa)
    const wrapped = wrapPrivateKey(rsaSet.publicKey, rsaPrivateKey())
    await importMaterial(w.ctx, { ...rsa, importToken: rsaSet.importToken, ...wrapped })
    await expect(open(rsa)).rejects.toEqual(code('notPendingImport'))
  })

  type Case = [
    name: string,
    input: (set: OpenedImport) => Partial<ImportMaterialInput>,
    expected: ErrorCode,
    counted: boolean,
  ]

  const symmetricCases: Case[] = [
    [
      '31 bytes',
      (set) => ({ wrappedMaterial: wrapMaterial(set.publicKey, randomBytes(31)) }),
      'materialLengthInvalid',
      true,
    ],
    [
      '33 bytes',
      (set) => ({ wrappedMaterial: wrapMaterial(set.publicKey, randomBytes(33)) }),
      'materialLengthInvalid',
      true,
    ],
    [
      '16 bytes',
      (set) => ({ wrappedMaterial: wrapMaterial(set.publicKey, randomBytes(16)) }),
      'materialLengthInvalid',
      true,
    ],
    [
      'no bytes',
      (set) => ({ wrappedMaterial: wrapMaterial(set.publicKey, Buffer.alloc(0)) }),
      'materialLengthInvalid',
      true,
    ],
    ['nothing', () => ({ wrappedMaterial: new Uint8Array() }), 'privateKeyDecryptionFailed', true],
    ['random bytes', () => ({ wrappedMaterial: randomBytes(256) }), 'privateKeyDecryptionFailed', true],
    ['zeros', () => ({ wrappedMaterial: Buffer.alloc(256) }), 'privateKeyDecryptionFailed', true],
    [
      'ones beyond the modulus',
      () => ({ wrappedMaterial: Buffer.alloc(256, 255) }),
      'privateKeyDecryptionFailed',
      true,
    ],
    [
      'a byte too many',
      (set) => ({
        wrappedMaterial: Buffer.concat([wrapMaterial(set.publicKey, randomBytes(32)), Buffer.alloc(1)]),
      }),
      'privateKeyDecryptionFailed',
      true,
    ],
    ['no token', () => ({ importToken: new Uint8Array() }), 'importTokenInvalid', false],
    ['a random token', () => ({ importToken: randomBytes(194) }), 'importTokenInvalid', false],
    ['a flipped token', (set) => ({ importToken: flipped(set.importToken) }), 'importTokenInvalid', false],
    ['a cut token', (set) => ({ importToken: set.importToken.subarray(0, -1) }), 'importTokenInvalid', false],
    [
      'a moment that is past',
      () => ({ expiresAt: new Date(Date.now() - 1) }),
      'expirationNotInFuture',
      false,
    ],
    ['a moment that is none', () => ({ expiresAt: new Date(Number.NaN) }), 'expirationNotInFuture', false],
  ]

  test.for(symmetricCases)('AES_256: %s', async ([, input, expected, counted]) => {
    const key = await external()
    const set = await open(key)
    const before = await rowsOf(key.keyId)
    const valid = {
      importToken: set.importToken,
      wrappedMaterial: wrapMaterial(set.publicKey, randomBytes(32)),
    }
    const refused = importMaterial(w.ctx, { ...key, ...valid, ...input(set) })
    await expect(refused).rejects.toEqual(code(expected))
    const after = await rowsOf(key.keyId)
    expect(after.key).toEqual(before.key)
    expect(after.versions).toEqual([])
    expect(after.request).toMatchObject({ failures: counted ? 1 : 0 })
    await expect(importMaterial(w.ctx, { ...key, ...valid })).resolves.toMatchObject({ state: '2' })
  })

  const p256 = (): Buffer =>
    generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({
      type: 'pkcs8',
      format: 'der',
    })
  const rsaOf = (modulusLength: number, publicExponent = 65537): Buffer =>
    generateKeyPairSync('rsa', { modulusLength, publicExponent }).privateKey.export({
      type: 'pkcs8',
      format: 'der',
    })

  const asymmetricCases: Case[] = [
    ['a key of 1,024 bits', (set) => wrapPrivateKey(set.publicKey, rsaOf(1024)), 'privateKeyInvalid', true],
    ['a key of 3,072 bits', (set) => wrapPrivateKey(set.publicKey, rsaOf(3072)), 'privateKeyInvalid', true],
    ['the exponent 3', (set) => wrapPrivateKey(set.publicKey, rsaOf(2048, 3)), 'privateKeyInvalid', true],
    ['a curve', (set) => wrapPrivateKey(set.publicKey, p256()), 'privateKeyInvalid', true],
    ['no key', (set) => wrapPrivateKey(set.publicKey, Buffer.from('not PKCS#8')), 'privateKeyInvalid', true],
    [
      'a cut key',
      (set) => wrapPrivateKey(set.publicKey, rsaPrivateKey().subarray(0, 600)),
      'privateKeyInvalid',
      true,
    ],
    [
      'a changed key',
      (set) => wrapPrivateKey(set.publicKey, broken(rsaPrivateKey())),
      'privateKeyInvalid',
      true,
    ],
    [
      'a temporary key of 16 bytes',
      (set) => ({ wrappedMaterial: wrapMaterial(set.publicKey, randomBytes(16)) }),
      'temporaryKeyInvalid',
      true,
    ],
    [
      'another temporary key',
      (set) => ({ wrappedMaterial: wrapMaterial(set.publicKey, randomBytes(32)) }),
      'privateKeyDecryptionFailed',
      true,
    ],
    [
      'wrapped bytes changed',
      (set) => ({
        wrappedPrivateKey: flipped(wrapPrivateKey(set.publicKey, rsaPrivateKey()).wrappedPrivateKey),
      }),
      'privateKeyDecryptionFailed',
      true,
    ],
    ['no private key', () => ({ wrappedPrivateKey: undefined }), 'privateKeyMissing', false],
    ['an empty private key', () => ({ wrappedPrivateKey: new Uint8Array() }), 'privateKeyMissing', false],
    ['an expiry', () => ({ expiresAt: new Date(Date.now() + 3_600_000) }), 'expirationNotAllowed', false],
  ]

  test.for(asymmetricCases)('RSA_2048: %s', async ([, input, expected, counted]) => {
    const key = await external('RSA_2048', 'SIGN_VERIFY')
    const set = await open(key)
    const before = await rowsOf(key.keyId)
    const valid = { importToken: set.importToken, ...wrapPrivateKey(set.publicKey, rsaPrivateKey()) }
    await expect(importMaterial(w.ctx, { ...key, ...valid, ...input(set) })).rejects.toEqual(code(expected))
    const after = await rowsOf(key.keyId)
    expect(after.key).toEqual(before.key)
    expect(after.versions).toEqual([])
    expect(after.request).toMatchObject({ failures: counted ? 1 : 0 })
  })
})

describe('the set of wrapping key and token', () => {
  const material = (set: OpenedImport) => ({ wrappedMaterial: wrapMaterial(set.publicKey, randomBytes(32)) })

  test('a new set replaces the old one; material under the old wrapping key cannot be unwrapped', async () => {
    const key = await external()
    const old = await open(key)
    const fresh = await open(key)
    await expect(
      importMaterial(w.ctx, { ...key, importToken: old.importToken, ...material(old) }),
    ).rejects.toEqual(code('importTokenInvalid'))
    await expect(
      importMaterial(w.ctx, { ...key, importToken: fresh.importToken, ...material(old) }),
    ).rejects.toEqual(code('privateKeyDecryptionFailed'))
    await importMaterial(w.ctx, { ...key, importToken: fresh.importToken, ...material(fresh) })
  })

  test('is used once', async () => {
    const key = await external()
    const set = await open(key)
    await importMaterial(w.ctx, { ...key, importToken: set.importToken, ...material(set) })
    await deleteMaterial(w.ctx, key)
    await expect(
      importMaterial(w.ctx, { ...key, importToken: set.importToken, ...material(set) }),
    ).rejects.toEqual(code('importTokenInvalid'))
  })

  test('belongs to one key and to one account', async () => {
    const [key, other] = [await external(), await external()]
    const [set] = [await open(key), await open(other)]
    await expect(
      importMaterial(w.ctx, { ...other, importToken: set.importToken, ...material(set) }),
    ).rejects.toEqual(code('importTokenOfOtherKey'))
    await using strangers = await testWorld(inject('databaseUrl'))
    const { id: keyId } = await strangers.makeKey({ origin: 'external' })
    await expect(
      importMaterial(strangers.ctx, {
        projectId: strangers.projectId,
        keyId,
        importToken: set.importToken,
        ...material(set),
      }),
    ).rejects.toEqual(code('importTokenInvalid'))
  })

  test('holds for 24 hours and not longer', async () => {
    const key = await external()
    const set = await open(key)
    const later = (hours: number) => ({
      ...w.ctx,
      now: (clock: Date) => new Date(clock.getTime() + hours * 3_600_000),
    })
    await expect(
      importMaterial(later(24), { ...key, importToken: set.importToken, ...material(set) }),
    ).rejects.toEqual(code('importTokenExpired'))
    await importMaterial(later(23.99), { ...key, importToken: set.importToken, ...material(set) })
  })

  test('is closed by the tenth failure, whichever it was', async () => {
    const key = await external()
    const set = await open(key)
    const tries = [randomBytes(256), wrapMaterial(set.publicKey, randomBytes(31))]
    for (let attempt = 0; attempt < 10; attempt++) {
      await expect(
        importMaterial(w.ctx, {
          ...key,
          importToken: set.importToken,
          wrappedMaterial: tries[attempt % 2] as Buffer,
        }),
      ).rejects.toEqual(code(attempt % 2 === 0 ? 'privateKeyDecryptionFailed' : 'materialLengthInvalid'))
    }
    await expect(
      importMaterial(w.ctx, { ...key, importToken: set.importToken, ...material(set) }),
    ).rejects.toEqual(code('importTokenInvalid'))
    expect((await rowsOf(key.keyId)).request).toBeNull()
    expect(await stateOf(key)).toBe('5')
  })

  test('stays open however often there was no time to unwrap the material', async () => {
    const key = await external()
    const set = await open(key)
    const tryIt = () => importMaterial(w.ctx, { ...key, importToken: set.importToken, ...material(set) })
    const { promise: enough, resolve: goOn } = Promise.withResolvers<void>()
    const muchToDo = offLoop(60_000, () => enough)
    try {
      for (let attempt = 0; attempt < 10; attempt++) await expect(tryIt()).rejects.toEqual(code('busy'))
    } finally {
      goOn()
      await muchToDo
    }
    await expect(tryIt()).resolves.toMatchObject({ state: '2' })
  })

  test('thirty guesses at once are ten guesses', async () => {
    const key = await external()
    const set = await open(key)
    const guesses = await Promise.allSettled(
      Array.from({ length: 30 }, () =>
        importMaterial(w.ctx, { ...key, importToken: set.importToken, wrappedMaterial: randomBytes(256) }),
      ),
    )
    const codes = guesses.map((guess) => (guess.status === 'rejected' ? guess.reason.code : 'none'))
    expect(codes.filter((one) => one === 'privateKeyDecryptionFailed')).toHaveLength(10)
    expect(codes.filter((one) => one === 'importTokenInvalid')).toHaveLength(20)
  })

  test('two imports at once: one is done, one finds the set used', async () => {
    const key = await external()
    const set = await open(key)
    const results = await Promise.allSettled(
      [1, 2].map(() => importMaterial(w.ctx, { ...key, importToken: set.importToken, ...material(set) })),
    )
    expect(results.map((result) => result.status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(results.find((result) => result.status === 'rejected')).toMatchObject({
      reason: { code: 'importTokenInvalid' },
    })
    expect((await rowsOf(key.keyId)).versions).toHaveLength(1)
  })
})

describe('deleting and importing again', () => {
  test('only the identical material is taken, and opens what was sealed before', async () => {
    const key = await external()
    const bytes = randomBytes(32)
    await importBytes(w, key.keyId, bytes)
    const { ciphertext } = await encryptData(w.ctx, { ...key, plaintext: text })
    expect(await deleteMaterial(w.ctx, key)).toEqual({ keyId: key.keyId, state: '5' })
    const [version] = (await rowsOf(key.keyId)).versions
    expect(version).toMatchObject({ version: 1, sealed: null })
    await expect(encryptData(w.ctx, { ...key, plaintext: text })).rejects.toEqual(code('keyPendingImport'))
    await expect(importBytes(w, key.keyId, randomBytes(32))).rejects.toEqual(code('materialDiffers'))
    expect(await stateOf(key)).toBe('5')
    await importBytes(w, key.keyId, bytes)
    expect(await stateOf(key)).toBe('2')
    expect((await decryptData(w.ctx, { projectId: w.projectId, ciphertext })).plaintext).toEqual(text)
    expect((await rowsOf(key.keyId)).versions).toMatchObject([{ version: 1 }])
  })

  test('a Disabled key waits for import too', async () => {
    const key = await external()
    await importBytes(w, key.keyId, randomBytes(32))
    await changeKeyState(w.ctx, { ...key, operation: 'disable' })
    expect(await deleteMaterial(w.ctx, key)).toMatchObject({ state: '5' })
  })

  test('material that is not there, ours, asymmetric or pending deletion is not deleted', async () => {
    await expect(deleteMaterial(w.ctx, await external())).rejects.toEqual(code('materialCannotBeDeletedNow'))
    const ours = await w.makeKey()
    await expect(deleteMaterial(w.ctx, { projectId: w.projectId, keyId: ours.id })).rejects.toEqual(
      code('originNotExternal'),
    )
    const pair = await external('EC_P256', 'SIGN_VERIFY')
    await expect(deleteMaterial(w.ctx, pair)).rejects.toEqual(code('asymmetricMaterialCannotBeDeleted'))
    const dying = await external()
    await importBytes(w, dying.keyId, randomBytes(32))
    await changeKeyState(w.ctx, { ...dying, operation: 'scheduleDeletion', pendingDays: 7 })
    await expect(deleteMaterial(w.ctx, dying)).rejects.toEqual(code('materialCannotBeDeletedNow'))
  })

  test('import and delete at once leave the key with material and Enabled, or without and pending', async () => {
    for (let round = 0; round < 5; round++) {
      const key = await external()
      const bytes = randomBytes(32)
      await importBytes(w, key.keyId, bytes)
      const set = await open(key)
      await Promise.allSettled([
        importMaterial(w.ctx, {
          ...key,
          importToken: set.importToken,
          wrappedMaterial: wrapMaterial(set.publicKey, bytes),
        }),
        deleteMaterial(w.ctx, key),
      ])
      const { key: row, versions } = await rowsOf(key.keyId)
      expect([row.state, versions.map((version) => version.sealed !== null)]).toEqual(
        row.state === '2' ? ['2', [true]] : ['5', [false]],
      )
    }
  })
})

function flipped(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes)
  const middle = copy.byteLength >> 1
  copy[middle] = (copy[middle] ?? 0) ^ 1
  return copy
}

/** Changes a bit in the middle of the private exponent: it fits its modulus no more. */
function broken(privateKey: Buffer): Buffer {
  const copy = Buffer.from(privateKey)
  copy[500] = (copy[500] ?? 0) ^ 0x10
  return copy
}
