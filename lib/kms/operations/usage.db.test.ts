import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { getPublicKey } from '../keys/get-public-key.ts'
import { type KeySpec, type KeyUsage, keySpecNames, keySpecs, usagesOf } from '../model/key-spec.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { createDataKey } from './create-data-key.ts'
import { createDataKeyPair } from './create-data-key-pair.ts'
import { createDataKeyWithoutPlaintext } from './create-data-key-without-plaintext.ts'
import { decryptData } from './decrypt-data.ts'
import { decryptDataKey } from './decrypt-data-key.ts'
import { encryptData } from './encrypt-data.ts'
import { encryptDataKey } from './encrypt-data-key.ts'
import { generateMac } from './generate-mac.ts'
import { sign } from './sign.ts'
import { verify } from './verify.ts'
import { verifyMac } from './verify-mac.ts'

/** Each operation against a key of each spec and usage: which may, and with which code of the API the others refuse. */
let w: TestWorld

beforeAll(async () => {
  w = await testWorld(inject('databaseUrl'), { keyQuota: 1_000 })
})

afterAll(() => w[Symbol.asyncDispose]())

type Key = { projectId: string; keyId: string }

const some = Buffer.alloc(64, 1)

/** Each asks with an algorithm that no key has, so that a key of the right usage answers about that and nothing else. */
const encrypting: Record<string, (key: Key) => Promise<unknown>> = {
  encryptData: (key) => encryptData(w.ctx, { ...key, plaintext: some, algorithm: 'none' }),
  decryptData: (key) => decryptData(w.ctx, { ...key, ciphertext: some, algorithm: 'none' }),
  createDataKey: (key) => createDataKey(w.ctx, key),
  createDataKeyWithoutPlaintext: (key) => createDataKeyWithoutPlaintext(w.ctx, key),
  encryptDataKey: (key) => encryptDataKey(w.ctx, { ...key, plaintext: some, dataKeyLength: 32 }),
  decryptDataKey: (key) => decryptDataKey(w.ctx, { ...key, ciphertext: some, dataKeyLength: 32 }),
}
const pair: Record<string, (key: Key) => Promise<unknown>> = {
  createDataKeyPair: (key) =>
    createDataKeyPair(w.ctx, { ...key, keySpec: 'ECC_NIST_P256', withPlaintext: false }),
}
const signed = { message: some, messageType: 'RAW', algorithm: 'none' } as const
const signing: Record<string, (key: Key) => Promise<unknown>> = {
  sign: (key) => sign(w.ctx, { ...key, ...signed }),
  verify: (key) => verify(w.ctx, { ...key, ...signed, signature: some }),
}
const coding: Record<string, (key: Key) => Promise<unknown>> = {
  generateMac: (key) => generateMac(w.ctx, { ...key, message: some, algorithm: 'none' }),
  verifyMac: (key) => verifyMac(w.ctx, { ...key, message: some, algorithm: 'none', mac: some }),
}
const reading: Record<string, (key: Key) => Promise<unknown>> = {
  getPublicKey: (key) => getPublicKey(w.ctx, key),
}

/** What a key answers to each family of operations; the codes are those of the product's API. */
function expected(spec: KeySpec, usage: KeyUsage): Record<string, string> {
  const { kind } = keySpecs[spec]
  const answers: Record<string, Record<string, string>> = {
    symmetric: {
      encryptData: 'KMS.2105',
      decryptData: 'KMS.2105',
      createDataKey: 'done',
      createDataKeyWithoutPlaintext: 'done',
      encryptDataKey: 'KMS.2103',
      decryptDataKey: 'KMS.2201',
      createDataKeyPair: 'done',
      sign: 'KMS.0331',
      verify: 'KMS.0331',
      generateMac: 'KMS.0331',
      verifyMac: 'KMS.0331',
      getPublicKey: 'KMS.0331',
    },
    mac: {
      ...Object.fromEntries(
        [encrypting, pair, signing, reading].flatMap((family) =>
          Object.keys(family).map((name) => [name, 'KMS.0341']),
        ),
      ),
      generateMac: 'KMS.0332',
      verifyMac: 'KMS.0332',
    },
    signing: {
      ...Object.fromEntries(
        [encrypting, pair].flatMap((family) => Object.keys(family).map((name) => [name, 'KMS.0335'])),
      ),
      sign: 'KMS.0332',
      verify: 'KMS.0332',
      generateMac: 'KMS.0325',
      verifyMac: 'KMS.0325',
      getPublicKey: 'done',
    },
    encrypting: {
      encryptData: 'KMS.2106',
      decryptData: 'KMS.2106',
      createDataKey: 'done',
      createDataKeyWithoutPlaintext: 'done',
      encryptDataKey: 'KMS.2103',
      decryptDataKey: 'KMS.2201',
      createDataKeyPair: 'KMS.0325',
      sign: 'KMS.0334',
      verify: 'KMS.0334',
      generateMac: 'KMS.0325',
      verifyMac: 'KMS.0325',
      getPublicKey: 'done',
    },
  }
  const row = kind === 'asymmetric' ? (usage === 'SIGN_VERIFY' ? 'signing' : 'encrypting') : kind
  return answers[row] ?? {}
}

const cases = keySpecNames.flatMap((spec) => usagesOf(spec).map((usage) => [spec, usage] as const))

test.each(cases)('%s for %s', async (spec, usage) => {
  const { id: keyId } = await w.makeKey({ spec, usage })
  const key = { projectId: w.projectId, keyId }
  const families = { ...encrypting, ...pair, ...signing, ...coding, ...reading }
  const answers: Record<string, string> = {}
  for (const [name, use] of Object.entries(families)) {
    answers[name] = await use(key).then(
      () => 'done',
      (error) => error.kmsCode ?? String(error),
    )
  }
  expect(answers).toEqual(expected(spec, usage))
})

test.each([
  ['HMAC_256', 'HMAC_SHA_384'],
  ['HMAC_384', 'HMAC_SHA_256'],
  ['HMAC_512', 'HMAC_SM3'],
  ['HMAC_SM3', 'HMAC_SHA_256'],
] as const)('%s does not take %s', async (spec, algorithm) => {
  const { id: keyId } = await w.makeKey({ spec, usage: 'GENERATE_VERIFY_MAC' })
  const input = { projectId: w.projectId, keyId, algorithm, message: some }
  for (const use of [generateMac, verifyMac]) {
    await expect(use(w.ctx, { ...input, mac: some })).rejects.toMatchObject({ kmsCode: 'KMS.0332' })
  }
})

test.each([
  ['EC_P256', 'ECDSA_SHA_384'],
  ['EC_P384', 'ECDSA_SHA_256'],
  ['SECP256K1', 'RSASSA_PSS_SHA_256'],
  ['ED25519', 'ECDSA_SHA_256'],
  ['ED25519', 'ED25519_PH_SHA_512'],
  ['ML_DSA_44', 'ML_DSA_65'],
] as const)('%s does not take %s', async (spec, algorithm) => {
  const { id: keyId } = await w.makeKey({ spec, usage: 'SIGN_VERIFY' })
  const input = { projectId: w.projectId, keyId, algorithm, message: some, messageType: 'RAW' } as const
  for (const use of [sign, verify]) {
    await expect(use(w.ctx, { ...input, signature: some })).rejects.toMatchObject({ kmsCode: 'KMS.0332' })
  }
})

test('messages have 1 to 4,095 bytes to be signed, 1 to 4,096 to be authenticated', async () => {
  const ec = {
    projectId: w.projectId,
    keyId: (await w.makeKey({ spec: 'EC_P256', usage: 'SIGN_VERIFY' })).id,
  }
  const hmac = {
    projectId: w.projectId,
    keyId: (await w.makeKey({ spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' })).id,
  }
  const signAll = (length: number) =>
    sign(w.ctx, { ...ec, algorithm: 'ECDSA_SHA_256', message: Buffer.alloc(length), messageType: 'RAW' })
  const codeAll = (length: number) =>
    generateMac(w.ctx, { ...hmac, algorithm: 'HMAC_SHA_256', message: Buffer.alloc(length) })
  for (const length of [1, 4095]) await signAll(length)
  for (const length of [1, 4096]) await codeAll(length)
  for (const refused of [() => signAll(0), () => signAll(4096), () => codeAll(0), () => codeAll(4097)]) {
    await expect(refused()).rejects.toMatchObject({ code: 'invalidInput', field: 'message' })
  }
})

test('keys are named by id, alias and URN; nonsense is refused as such', async () => {
  const { id } = await w.makeKey()
  const input = (keyId: string) => ({ projectId: w.projectId, keyId, plaintext: some })
  expect((await encryptData(w.ctx, input(id))).keyId).toBe(id)
  for (const [keyId, code] of [
    ['', 'keyIdInvalid'],
    [id.toUpperCase(), 'keyIdInvalid'],
    [`${id} `, 'keyIdInvalid'],
    ["' OR true --", 'keyIdInvalid'],
    ['00000000-0000-0000-0000-000000000000', 'keyNotFound'],
    ['zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz', 'keyNotFound'],
    ['alias/none', 'keyNotFound'],
  ] as const) {
    await expect(encryptData(w.ctx, input(keyId))).rejects.toMatchObject({ code })
  }
})
