import { createPrivateKey, createPublicKey, hash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { KmsContext } from '../context.ts'
import { parseEnvelope } from '../crypto/envelope-layout.ts'
import type { KeySpec } from '../model/key-spec.ts'
import { putMaterial } from '../testing/put-material.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { inTransaction } from '../transaction.ts'
import { createDataKey } from './create-data-key.ts'
import { createDataKeyPair, dataKeyPairSpecs } from './create-data-key-pair.ts'
import { createDataKeyWithoutPlaintext } from './create-data-key-without-plaintext.ts'
import { decryptData } from './decrypt-data.ts'
import { decryptDataKey } from './decrypt-data-key.ts'
import { encryptData } from './encrypt-data.ts'
import { encryptDataKey } from './encrypt-data-key.ts'
import { reEncrypt } from './re-encrypt.ts'

let w: TestWorld
let stranger: TestWorld

beforeAll(async () => {
  w = await testWorld(inject('databaseUrl'), { keyQuota: 1_000 })
  stranger = await testWorld(inject('databaseUrl'))
})

afterAll(async () => {
  await w[Symbol.asyncDispose]()
  await stranger[Symbol.asyncDispose]()
})

const rsa = 'RSAES_OAEP_SHA_256'
const plaintext = Buffer.from('a small secret')
const invalid = expect.objectContaining({
  code: 'ciphertextInvalid',
  kmsCode: 'KMS.2201',
  message: 'The ciphertext cannot be decrypted.',
})
const refused = (code: string) => expect.objectContaining({ code })

const newKey = async (spec: KeySpec = 'AES_256'): Promise<{ projectId: string; keyId: string }> => ({
  projectId: w.projectId,
  keyId: (await w.makeKey({ spec, usage: 'ENCRYPT_DECRYPT' })).id,
})

/** The decrypting of these bytes, by someone, through a project. */
type Open = (ciphertext: Uint8Array, ctx?: KmsContext, projectId?: string) => Promise<unknown>

/** A ciphertext of each kind, and how it is opened. */
async function everyKind(key: { projectId: string; keyId: string }) {
  const additionalData = Buffer.from('for whom')
  const data = await encryptData(w.ctx, { ...key, plaintext, additionalData })
  const dataKey = await createDataKey(w.ctx, { ...key, additionalData })
  const pair = await createDataKeyPair(w.ctx, {
    ...key,
    keySpec: 'ECC_NIST_P256',
    withPlaintext: false,
    additionalData,
  })
  const openData: Open = (ciphertext, ctx = w.ctx, projectId = w.projectId) =>
    decryptData(ctx, { projectId, ciphertext, additionalData })
  const openDataKey: Open = (ciphertext, ctx = w.ctx, projectId = w.projectId) =>
    decryptDataKey(ctx, { projectId, keyId: key.keyId, ciphertext, dataKeyLength: 32, additionalData })
  return {
    data: { ciphertext: data.ciphertext, open: openData },
    'data key': { ciphertext: dataKey.ciphertext, open: openDataKey },
    'data key pair': { ciphertext: pair.privateKeyCiphertext, open: openData },
  }
}

/** Some at a time, so that they do not wait for a connection. */
async function eachRefused(ciphertexts: Uint8Array[], open: Open): Promise<void> {
  for (let at = 0; at < ciphertexts.length; at += 8) {
    const some = ciphertexts.slice(at, at + 8)
    const results = await Promise.allSettled(some.map((ciphertext) => open(ciphertext)))
    expect(results).toEqual(some.map(() => ({ status: 'rejected', reason: invalid })))
  }
}

describe.each(['AES_256', 'SM4'] as const)('%s', (spec) => {
  test('each kind opens as itself', async () => {
    const kinds = await everyKind(await newKey(spec))
    for (const { ciphertext, open } of Object.values(kinds)) await open(ciphertext)
  })

  test('every flipped bit is refused, and all look the same', { timeout: 300_000 }, async () => {
    const { data } = await everyKind(await newKey(spec))
    const flipped = Array.from({ length: data.ciphertext.byteLength * 8 }, (_, bit) => {
      const copy = Buffer.from(data.ciphertext)
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return copy
    })
    await eachRefused(flipped, data.open)
  })

  test('every truncation and every extension is refused', { timeout: 300_000 }, async () => {
    const { ciphertext, open } = (await everyKind(await newKey(spec)))['data key']
    const lengths = [...ciphertext.keys()]
    await eachRefused(
      [
        ...lengths.map((length) => ciphertext.subarray(0, length)),
        ...lengths.slice(1).map((length) => ciphertext.subarray(length)),
        Buffer.concat([ciphertext, Buffer.of(0)]),
        Buffer.concat([Buffer.of(0), ciphertext]),
        Buffer.concat([ciphertext, ciphertext]),
      ],
      open,
    )
  })
})

test('no kind opens as another; what Keystead seals for itself opens as none', async () => {
  const key = await newKey()
  const kinds = await everyKind(key)
  await expect(kinds.data.open(kinds['data key'].ciphertext)).rejects.toEqual(invalid)
  await expect(kinds['data key'].open(kinds.data.ciphertext)).rejects.toEqual(invalid)
  await expect(kinds['data key'].open(kinds['data key pair'].ciphertext)).rejects.toEqual(invalid)
  const rows = await inTransaction(w.ctx, (tx) =>
    tx.sql.materialVersion.findMany({ where: { accountId: w.accountId } }),
  )
  for (const { sealed } of rows.slice(0, 3)) {
    if (!sealed) throw new Error('no material')
    await expect(kinds.data.open(sealed)).rejects.toEqual(invalid)
    await expect(kinds['data key'].open(sealed)).rejects.toEqual(invalid)
    await expect(
      reEncrypt(w.ctx, { projectId: w.projectId, ciphertext: sealed, destinationKeyId: key.keyId }),
    ).rejects.toEqual(invalid)
  }
})

test('other associated data, another key, project or account: all alike', async () => {
  const key = await newKey()
  const kinds = await everyKind(key)
  const other = await newKey()
  for (const { ciphertext, open } of [kinds.data, kinds['data key pair']]) {
    await expect(open(ciphertext, w.ctx, w.otherProjectId)).rejects.toEqual(invalid)
    await expect(open(ciphertext, stranger.ctx, stranger.projectId)).rejects.toEqual(invalid)
    for (const additionalData of [undefined, Buffer.from('for whon'), Buffer.from('for whom ')]) {
      await expect(decryptData(w.ctx, { ...key, ciphertext, additionalData })).rejects.toEqual(invalid)
    }
    const right = Buffer.from('for whom')
    await expect(decryptData(w.ctx, { ...other, ciphertext, additionalData: right })).rejects.toEqual(invalid)
  }
  const { ciphertext } = kinds['data key']
  const asked = { ciphertext, dataKeyLength: 32, additionalData: Buffer.from('for whom') }
  await expect(decryptDataKey(w.ctx, { ...other, ...asked })).rejects.toEqual(invalid)
  await expect(
    decryptDataKey(w.ctx, { ...key, ...asked, additionalData: Buffer.from('for whon') }),
  ).rejects.toEqual(invalid)
  await expect(
    decryptDataKey(stranger.ctx, { ...key, projectId: stranger.projectId, ...asked }),
  ).rejects.toEqual(refused('keyNotFound'))
})

test('what the primary sealed opens through its replica, under the id of the replica, and the other way round', async () => {
  const primary = await newKey()
  const replica = await w.makeReplica(primary)
  for (const [sealer, opener] of [
    [primary, replica],
    [replica, primary],
  ] as const) {
    const { ciphertext } = await encryptData(w.ctx, { ...sealer, plaintext })
    const opened = await decryptData(w.ctx, { projectId: opener.projectId, ciphertext })
    expect(opened).toEqual({ keyId: opener.keyId, plaintext })
  }
})

test.each([0, 4097])('%i bytes are no plaintext', async (length) => {
  const key = await newKey()
  await expect(encryptData(w.ctx, { ...key, plaintext: Buffer.alloc(length) })).rejects.toEqual(
    refused('plaintextInvalid'),
  )
})

test('1 and 4,096 bytes are, and the base64 is as long as clients accept', async () => {
  const key = await newKey()
  for (const length of [1, 4096]) {
    const { ciphertext } = await encryptData(w.ctx, { ...key, plaintext: Buffer.alloc(length, 9) })
    expect((await decryptData(w.ctx, { ...key, ciphertext })).plaintext).toEqual(Buffer.alloc(length, 9))
    const characters = ciphertext.toString('base64').length
    expect(characters).toBeGreaterThanOrEqual(188)
    expect(characters).toBeLessThanOrEqual(5648)
  }
})

describe('RSA', () => {
  let key: { projectId: string; keyId: string }

  beforeAll(async () => {
    key = await newKey('RSA_2048')
  })

  test('associated data and kind are bound to the ciphertext', async () => {
    const additionalData = Buffer.from('for whom')
    const named = { ...key, algorithm: rsa }
    const plain = await encryptData(w.ctx, { ...named, plaintext })
    const bound = await encryptData(w.ctx, { ...named, plaintext, additionalData })
    const dataKey = await createDataKey(w.ctx, key)
    const right = { ...named, ciphertext: bound.ciphertext, additionalData }
    expect((await decryptData(w.ctx, right)).plaintext).toEqual(plaintext)
    for (const [ciphertext, data] of [
      [bound.ciphertext, undefined],
      [bound.ciphertext, Buffer.from('for whon')],
      [plain.ciphertext, additionalData],
      [dataKey.ciphertext, undefined],
      [dataKey.ciphertext, Buffer.from('keystead data key\0')],
      [dataKey.ciphertext, Buffer.from('')],
      [Buffer.alloc(0), undefined],
      [plain.ciphertext.subarray(1), undefined],
      [Buffer.alloc(256, 0xff), undefined],
    ] as const) {
      await expect(decryptData(w.ctx, { ...named, ciphertext, additionalData: data })).rejects.toEqual(
        invalid,
      )
    }
    for (const { ciphertext } of [plain, bound]) {
      await expect(decryptDataKey(w.ctx, { ...key, ciphertext, dataKeyLength: 14 })).rejects.toEqual(invalid)
    }
    const boundKey = await createDataKey(w.ctx, { ...key, additionalData })
    await expect(decryptData(w.ctx, { ...right, ciphertext: boundKey.ciphertext })).rejects.toEqual(invalid)
    await expect(
      decryptDataKey(w.ctx, { ...key, ciphertext: bound.ciphertext, dataKeyLength: 14, additionalData }),
    ).rejects.toEqual(invalid)
    const opened = await decryptDataKey(w.ctx, { ...key, ...dataKey, dataKeyLength: 32 })
    expect(opened.dataKey).toEqual(dataKey.plaintext)
  })

  test('the key must be one for RSA, and the algorithm its own', async () => {
    const symmetric = await newKey()
    await expect(encryptData(w.ctx, { ...symmetric, plaintext, algorithm: rsa })).rejects.toEqual(
      refused('algorithmNotForSymmetric'),
    )
    for (const algorithm of [undefined, 'SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_1', 'SM2_ENCRYPT', '']) {
      await expect(encryptData(w.ctx, { ...key, plaintext, algorithm })).rejects.toEqual(
        refused('algorithmNotForRsa'),
      )
    }
  })

  test('data keys of 190 bytes and no more', async () => {
    expect((await createDataKey(w.ctx, { ...key, length: 1520 })).plaintext).toHaveLength(190)
    await expect(createDataKey(w.ctx, { ...key, length: 1528 })).rejects.toEqual(
      refused('dataKeyTooLongForRsa'),
    )
    const dataKey = Buffer.alloc(191)
    const whole = Buffer.concat([dataKey, hash('sha256', dataKey, 'buffer')])
    await expect(encryptDataKey(w.ctx, { ...key, plaintext: whole, dataKeyLength: 191 })).rejects.toEqual(
      refused('dataKeyTooLongForRsa'),
    )
  })

  test('no key pairs', async () => {
    await expect(
      createDataKeyPair(w.ctx, { ...key, keySpec: 'ECC_NIST_P256', withPlaintext: false }),
    ).rejects.toEqual(refused('notForAsymmetric'))
  })
})

describe('data keys', () => {
  test.each([
    [{}, 32],
    [{ keySpec: 'AES_256' }, 32],
    [{ keySpec: 'AES_128' }, 16],
    [{ keySpec: 'SM4' }, 16],
    [{ keySpec: 'HMAC_256' }, 32],
    [{ keySpec: 'HMAC_384' }, 48],
    [{ keySpec: 'HMAC_512' }, 64],
    [{ keySpec: 'HMAC_SM3' }, 32],
    [{ length: 8 }, 1],
    [{ length: 8192 }, 1024],
    [{ keySpec: 'AES_128', length: 512 }, 64],
    [{ keySpec: 'nothing', length: 512 }, 64],
  ])('%j: %i bytes, never the same, and unwrapped to the same', async (asked, bytes) => {
    const key = await newKey()
    const first = await createDataKey(w.ctx, { ...key, ...asked })
    const second = await createDataKey(w.ctx, { ...key, ...asked })
    expect(first.plaintext).toHaveLength(bytes)
    if (bytes > 8) expect(second.plaintext).not.toEqual(first.plaintext)
    const opened = await decryptDataKey(w.ctx, { ...key, ...first, dataKeyLength: bytes })
    expect(opened).toEqual({
      keyId: key.keyId,
      dataKey: first.plaintext,
      digest: hash('sha256', first.plaintext, 'buffer'),
    })
    await expect(decryptDataKey(w.ctx, { ...key, ...first, dataKeyLength: bytes + 1 })).rejects.toEqual(
      refused('dataKeyCipherLengthMismatch'),
    )
  })

  test.each([
    [{ length: 0 }, 'dataKeyLengthInvalid'],
    [{ length: 7 }, 'dataKeyLengthInvalid'],
    [{ length: 8200 }, 'dataKeyLengthInvalid'],
    [{ length: 8.5 }, 'dataKeyLengthInvalid'],
    [{ length: Number.NaN }, 'dataKeyLengthInvalid'],
    [{ length: 12 }, 'dataKeyLengthUneven'],
    [{ keySpec: 'AES_192' }, 'dataKeySpecInvalid'],
    [{ keySpec: 'toString' }, 'dataKeySpecInvalid'],
    [{ keySpec: '' }, 'dataKeySpecInvalid'],
  ])('%j: %s', async (asked, code) => {
    const key = await newKey()
    await expect(createDataKey(w.ctx, { ...key, ...asked })).rejects.toEqual(refused(code))
  })

  test('without plaintext: the answer holds only the ciphertext', async () => {
    const key = await newKey()
    const made = await createDataKeyWithoutPlaintext(w.ctx, key)
    expect(Object.keys(made).sort()).toEqual(['ciphertext', 'keyId'])
    expect((await decryptDataKey(w.ctx, { ...key, ...made, dataKeyLength: 32 })).dataKey).toHaveLength(32)
  })

  test.each([
    ['AES_256', 'sha256'],
    ['SM4', 'sm3'],
    ['RSA_2048', 'sha256'],
  ] as const)('%s: a data key of the caller travels with its %s', async (spec, digest) => {
    const key = await newKey(spec)
    const dataKey = Buffer.alloc(64, 7)
    const right = hash(digest, dataKey, 'buffer')
    const whole = Buffer.concat([dataKey, right])
    const sealed = await encryptDataKey(w.ctx, { ...key, plaintext: whole, dataKeyLength: 64 })
    expect(sealed).toMatchObject({ keyId: key.keyId, dataKeyLength: 64 })
    expect(await decryptDataKey(w.ctx, { ...key, ...sealed })).toEqual({
      keyId: key.keyId,
      dataKey,
      digest: right,
    })
    const otherDigest = hash(digest === 'sm3' ? 'sha256' : 'sm3', dataKey, 'buffer')
    for (const [bytes, length, code] of [
      [Buffer.concat([dataKey, otherDigest]), 64, 'dataKeyDigestMismatch'],
      [Buffer.concat([Buffer.alloc(64, 8), right]), 64, 'dataKeyDigestMismatch'],
      [whole, 63, 'dataKeyLengthMismatch'],
      [whole, 96, 'dataKeyLengthMismatch'],
      [right, 0, 'dataKeyPlaintextInvalid'],
      [Buffer.alloc(0), 0, 'dataKeyPlaintextInvalid'],
      [Buffer.alloc(1025 + 32), 1025, 'dataKeyPlaintextInvalid'],
    ] as const) {
      await expect(
        encryptDataKey(w.ctx, { ...key, plaintext: bytes, dataKeyLength: length }),
      ).rejects.toEqual(refused(code))
    }
  })
})

test.each(dataKeyPairSpecs)('%s: the pair fits, and its private key comes back', async (keySpec) => {
  const key = await newKey()
  const additionalData = Buffer.from('for whom')
  const pair = await createDataKeyPair(w.ctx, { ...key, keySpec, withPlaintext: true, additionalData })
  if (!pair.privateKey) throw new Error('no private key')
  const privateKey = createPrivateKey({ key: pair.privateKey, type: 'pkcs8', format: 'der' })
  const derived = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  expect(pair.publicKey).toEqual(derived)
  const details = privateKey.asymmetricKeyDetails
  expect(String(details?.modulusLength ?? details?.namedCurve)).toBe(
    {
      RSA_2048: '2048',
      RSA_3072: '3072',
      RSA_4096: '4096',
      ECC_NIST_P256: 'prime256v1',
      ECC_NIST_P384: 'secp384r1',
      ECC_NIST_P521: 'secp521r1',
      ECC_SECG_P256K1: 'secp256k1',
    }[keySpec],
  )
  const ciphertext = pair.privateKeyCiphertext
  const opened = await decryptData(w.ctx, { projectId: w.projectId, ciphertext, additionalData })
  expect(opened).toEqual({ keyId: key.keyId, plaintext: pair.privateKey })
  const silent = await createDataKeyPair(w.ctx, { ...key, keySpec: 'ECC_NIST_P256', withPlaintext: false })
  expect(silent.privateKey).toBeNull()
})

describe('re-encrypting', () => {
  const opened = async (spec: KeySpec, key: { projectId: string; keyId: string }, ciphertext: Buffer) =>
    decryptData(w.ctx, { ...key, ciphertext, algorithm: spec.startsWith('RSA') ? rsa : undefined })

  test.each([
    ['AES_256', 'AES_256'],
    ['AES_256', 'SM4'],
    ['AES_256', 'RSA_2048'],
    ['RSA_2048', 'AES_256'],
    ['RSA_2048', 'RSA_2048'],
  ] as const)('data from %s to %s', async (from, to) => {
    const source = await newKey(from)
    const destination = await newKey(to)
    const algorithms = [from, to].map((spec) => (spec.startsWith('RSA') ? rsa : undefined))
    const { ciphertext } = await encryptData(w.ctx, { ...source, plaintext, algorithm: algorithms[0] })
    const moved = await reEncrypt(w.ctx, {
      projectId: w.projectId,
      ciphertext,
      sourceKeyId: algorithms[0] && source.keyId,
      sourceAlgorithm: algorithms[0],
      destinationKeyId: destination.keyId,
      destinationAlgorithm: algorithms[1],
    })
    expect(moved).toMatchObject({
      keyId: destination.keyId,
      sourceKeyId: source.keyId,
      sourceAlgorithm: algorithms[0] ?? 'SYMMETRIC_DEFAULT',
      destinationAlgorithm: algorithms[1] ?? 'SYMMETRIC_DEFAULT',
      kind: 'data',
    })
    expect((await opened(to, destination, moved.ciphertext)).plaintext).toEqual(plaintext)
  })

  test('a data key stays a data key, the key of a pair one of a pair', async () => {
    const source = await newKey()
    const destination = await newKey('SM4')
    const dataKey = await createDataKey(w.ctx, source)
    const moved = await reEncrypt(w.ctx, {
      projectId: w.projectId,
      ciphertext: dataKey.ciphertext,
      destinationKeyId: destination.keyId,
    })
    expect(moved.kind).toBe('data key')
    await expect(
      decryptData(w.ctx, { projectId: w.projectId, ciphertext: moved.ciphertext }),
    ).rejects.toEqual(invalid)
    const unwrapped = await decryptDataKey(w.ctx, {
      ...destination,
      ...moved,
      ...destination,
      dataKeyLength: 32,
    })
    expect(unwrapped.dataKey).toEqual(dataKey.plaintext)
    const pair = await createDataKeyPair(w.ctx, { ...source, keySpec: 'ECC_NIST_P384', withPlaintext: true })
    const movedPair = await reEncrypt(w.ctx, {
      projectId: w.projectId,
      ciphertext: pair.privateKeyCiphertext,
      destinationKeyId: destination.keyId,
    })
    expect(movedPair.kind).toBe('data key pair')
    const back = await decryptData(w.ctx, { projectId: w.projectId, ciphertext: movedPair.ciphertext })
    expect(back.plaintext).toEqual(pair.privateKey)
  })

  test('a data key under RSA is opened as one when it is said to be', async () => {
    const source = await newKey('RSA_2048')
    const destination = await newKey()
    const dataKey = await createDataKey(w.ctx, source)
    const input = {
      projectId: w.projectId,
      ciphertext: dataKey.ciphertext,
      sourceKeyId: source.keyId,
      sourceAlgorithm: rsa,
      destinationKeyId: destination.keyId,
    }
    await expect(reEncrypt(w.ctx, input)).rejects.toEqual(invalid)
    const moved = await reEncrypt(w.ctx, { ...input, isDataKey: true })
    const unwrapped = await decryptDataKey(w.ctx, {
      ...destination,
      ciphertext: moved.ciphertext,
      dataKeyLength: 32,
    })
    expect(unwrapped.dataKey).toEqual(dataKey.plaintext)
  })

  test('associated data of both sides; SHA-1 only here; onto the same key', async () => {
    const source = await newKey()
    const rsaKey = await newKey('RSA_2048')
    const first = Buffer.from('first')
    const second = Buffer.from('second')
    const { ciphertext } = await encryptData(w.ctx, { ...source, plaintext, additionalData: first })
    const input = { projectId: w.projectId, ciphertext, destinationKeyId: source.keyId }
    await expect(reEncrypt(w.ctx, input)).rejects.toEqual(invalid)
    const moved = await reEncrypt(w.ctx, {
      ...input,
      sourceAdditionalData: first,
      destinationAdditionalData: second,
    })
    const back = await decryptData(w.ctx, { ...source, ciphertext: moved.ciphertext, additionalData: second })
    expect(back.plaintext).toEqual(plaintext)
    const old = 'RSAES_OAEP_SHA_1'
    const asOld = await reEncrypt(w.ctx, {
      ...input,
      sourceAdditionalData: first,
      destinationKeyId: rsaKey.keyId,
      destinationAlgorithm: old,
    })
    await expect(
      decryptData(w.ctx, { ...rsaKey, ciphertext: asOld.ciphertext, algorithm: old }),
    ).rejects.toEqual(refused('algorithmNotForRsa'))
    const asNew = await reEncrypt(w.ctx, {
      projectId: w.projectId,
      ciphertext: asOld.ciphertext,
      sourceKeyId: rsaKey.keyId,
      sourceAlgorithm: old,
      destinationKeyId: source.keyId,
    })
    expect((await decryptData(w.ctx, { ...source, ciphertext: asNew.ciphertext })).plaintext).toEqual(
      plaintext,
    )
  })

  test('too long for RSA, an asymmetric source without its key, and both keys in either order at once', async () => {
    const source = await newKey()
    const rsaKey = await newKey('RSA_2048')
    const long = await encryptData(w.ctx, { ...source, plaintext: Buffer.alloc(191) })
    const input = { projectId: w.projectId, ciphertext: long.ciphertext, destinationKeyId: rsaKey.keyId }
    await expect(reEncrypt(w.ctx, { ...input, destinationAlgorithm: rsa })).rejects.toEqual(
      refused('plaintextTooLong'),
    )
    await expect(reEncrypt(w.ctx, { ...input, sourceAlgorithm: rsa })).rejects.toEqual(
      refused('parameterMissing'),
    )
    const other = await newKey()
    const there = await encryptData(w.ctx, { ...source, plaintext })
    const back = await encryptData(w.ctx, { ...other, plaintext })
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        i % 2
          ? reEncrypt(w.ctx, { projectId: w.projectId, ...there, destinationKeyId: other.keyId })
          : reEncrypt(w.ctx, { projectId: w.projectId, ...back, destinationKeyId: source.keyId }),
      ),
    )
  })
})

describe('material', () => {
  test('rotated: the newest version seals, every older one still opens', async () => {
    const key = await newKey()
    const versions: Buffer[] = []
    for (const version of [1, 2, 3]) {
      if (version > 1) await putMaterial(w, key.keyId, Buffer.alloc(32, version), { version })
      const { ciphertext } = await encryptData(w.ctx, { ...key, plaintext })
      expect(parseEnvelope(ciphertext).materialVersion).toBe(version)
      versions.push(ciphertext)
    }
    for (const ciphertext of versions) {
      const opened = await decryptData(w.ctx, { projectId: w.projectId, ciphertext })
      expect(opened).toEqual({ keyId: key.keyId, plaintext })
    }
  })

  test('imported ahead: not used before it is activated', async () => {
    const key = await newKey()
    await putMaterial(w, key.keyId, Buffer.alloc(32, 2), { version: 2, activated: false })
    const { ciphertext } = await encryptData(w.ctx, { ...key, plaintext })
    expect(parseEnvelope(ciphertext).materialVersion).toBe(1)
  })

  test('when one of its versions has expired, the key waits for import as a whole', async () => {
    const key = await newKey()
    await putMaterial(w, key.keyId, Buffer.alloc(32, 2), { version: 2 })
    const { ciphertext } = await encryptData(w.ctx, { ...key, plaintext })
    await putMaterial(w, key.keyId, Buffer.alloc(32, 1), { expiresAt: new Date(Date.now() - 1_000) })
    for (const use of [
      () => encryptData(w.ctx, { ...key, plaintext }),
      () => decryptData(w.ctx, { projectId: w.projectId, ciphertext }),
    ]) {
      await expect(use()).rejects.toEqual(refused('keyPendingImport'))
    }
  })

  test('exchanged in the database for the material of another key: an error of ours, not a key', async () => {
    const key = await newKey()
    const other = await newKey()
    const { ciphertext } = await encryptData(w.ctx, { ...key, plaintext })
    await inTransaction(
      w.ctx,
      (tx) => tx.sql.$executeRaw`
        UPDATE material_version SET sealed = (SELECT m.sealed FROM material_version m JOIN key k
          ON k.material_set_id = m.set_id WHERE k.id = ${other.keyId}::uuid)
        WHERE set_id = (SELECT material_set_id FROM key WHERE id = ${key.keyId}::uuid)`,
      { write: true },
    )
    for (const use of [
      () => encryptData(w.ctx, { ...key, plaintext }),
      () => decryptData(w.ctx, { projectId: w.projectId, ciphertext }),
    ]) {
      await expect(use()).rejects.toThrow('Decryption failed')
    }
  })
})
