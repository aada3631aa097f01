import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { getPublicKey } from '../keys/get-public-key.ts'
import type { KeySpec, KeyUsage } from '../model/key-spec.ts'
import { type OpenSsl, openSsl } from '../testing/openssl.ts'
import { putMaterial } from '../testing/put-material.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { decryptData } from './decrypt-data.ts'
import { encryptData } from './encrypt-data.ts'
import { generateMac } from './generate-mac.ts'
import { sign } from './sign.ts'
import { verify } from './verify.ts'
import { verifyMac } from './verify-mac.ts'

/**
 * Interoperability with the openssl command, both ways, with keys that openssl made. ML-DSA is not here: the OpenSSL
 * 3.0 of Debian 12 does not know it.
 */
let w: TestWorld
let ssl: OpenSsl

beforeAll(async () => {
  w = await testWorld(inject('databaseUrl'), { keyQuota: 1_000 })
  ssl = await openSsl()
})

afterAll(async () => {
  await ssl[Symbol.asyncDispose]()
  await w[Symbol.asyncDispose]()
})

const message = Buffer.from('signed here and there')

type Key = { projectId: string; keyId: string; privateKey: Buffer; publicKey: Buffer }

/** A key whose private key openssl made; the public key is the one that Keystead gives out. */
async function keyOf(spec: KeySpec, usage: KeyUsage, generate: string): Promise<Key> {
  const privateKey = await ssl.run(`genpkey ${generate} -outform DER -out out`)
  const { id: keyId } = await w.makeKey({ spec, usage })
  const pkcs8 = await ssl.run('pkcs8 -topk8 -nocrypt -inform DER -in key -outform DER -out out', {
    key: privateKey,
  })
  await putMaterial(w, keyId, pkcs8)
  const { publicKey } = await getPublicKey(w.ctx, { projectId: w.projectId, keyId })
  expect(publicKey).toEqual(
    await ssl.run('pkey -inform DER -in key -pubout -outform DER -out out', { key: pkcs8 }),
  )
  return { projectId: w.projectId, keyId, privateKey: pkcs8, publicKey }
}

type Algorithm = { name: string; hash: string; dgst: string; pkeyutl: string }

const rsaAlgorithms = ['256', '384', '512'].flatMap((bits): Algorithm[] => [
  {
    name: `RSASSA_PSS_SHA_${bits}`,
    hash: `sha${bits}`,
    dgst: ' -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest',
    pkeyutl: ` -pkeyopt digest:sha${bits} -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:digest`,
  },
  {
    name: `RSASSA_PKCS1_V1_5_SHA_${bits}`,
    hash: `sha${bits}`,
    dgst: '',
    pkeyutl: ` -pkeyopt digest:sha${bits}`,
  },
])
const ecdsa = (bits: string): Algorithm[] => [
  { name: `ECDSA_SHA_${bits}`, hash: `sha${bits}`, dgst: '', pkeyutl: '' },
]

const signers: [KeySpec, string, Algorithm[]][] = [
  ['RSA_2048', '-algorithm RSA -pkeyopt rsa_keygen_bits:2048', rsaAlgorithms],
  ['RSA_3072', '-algorithm RSA -pkeyopt rsa_keygen_bits:3072', rsaAlgorithms],
  ['RSA_4096', '-algorithm RSA -pkeyopt rsa_keygen_bits:4096', rsaAlgorithms],
  ['EC_P256', '-algorithm EC -pkeyopt ec_paramgen_curve:P-256', ecdsa('256')],
  ['EC_P384', '-algorithm EC -pkeyopt ec_paramgen_curve:P-384', ecdsa('384')],
  ['SECP256K1', '-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1', ecdsa('256')],
]

describe.each(signers)('%s', (spec, generate, algorithms) => {
  let key: Key

  beforeAll(async () => {
    key = await keyOf(spec, 'SIGN_VERIFY', generate)
  }, 120_000)

  test.each(algorithms)('$name: messages, both ways', async ({ name, hash, dgst }) => {
    const raw = { ...key, algorithm: name, message, messageType: 'RAW' } as const
    const { signature } = await sign(w.ctx, raw)
    const files = { key: key.publicKey, signature, message }
    const check = `dgst -${hash} -verify key -keyform DER${dgst} -signature signature message`
    expect(await ssl.succeeds(check, files)).toBe(true)
    expect(await ssl.succeeds(check, { ...files, message: Buffer.from('another') })).toBe(false)
    const theirs = await ssl.run(`dgst -${hash} -sign key -keyform DER${dgst} -out out message`, {
      key: key.privateKey,
      message,
    })
    expect((await verify(w.ctx, { ...raw, signature: theirs })).valid).toBe(true)
    expect((await verify(w.ctx, { ...raw, message: Buffer.from('another'), signature: theirs })).valid).toBe(
      false,
    )
  })

  test.each(algorithms)('$name: digests, both ways', async ({ name, hash, pkeyutl }) => {
    const digest = createHash(hash).update(message).digest()
    const digested = { ...key, algorithm: name, message: digest, messageType: 'DIGEST' } as const
    const { signature } = await sign(w.ctx, digested)
    const files = { key: key.publicKey, signature, digest }
    const check = `pkeyutl -verify -pubin -inkey key -keyform DER -in digest -sigfile signature${pkeyutl}`
    expect(await ssl.succeeds(check, files)).toBe(true)
    expect(await ssl.succeeds(check, { ...files, digest: createHash(hash).update('x').digest() })).toBe(false)
    const theirs = await ssl.run(`pkeyutl -sign -inkey key -keyform DER -in digest -out out${pkeyutl}`, {
      key: key.privateKey,
      digest,
    })
    expect((await verify(w.ctx, { ...digested, signature: theirs })).valid).toBe(true)
  })
})

test('ED25519: messages, both ways', async () => {
  const key = await keyOf('ED25519', 'SIGN_VERIFY', '-algorithm ED25519')
  const raw = { ...key, algorithm: 'ED25519_SHA_512', message, messageType: 'RAW' } as const
  const { signature } = await sign(w.ctx, raw)
  expect(
    await ssl.succeeds(
      'pkeyutl -verify -pubin -inkey key -keyform DER -rawin -in message -sigfile signature',
      {
        key: key.publicKey,
        signature,
        message,
      },
    ),
  ).toBe(true)
  const theirs = await ssl.run('pkeyutl -sign -inkey key -keyform DER -rawin -in message -out out', {
    key: key.privateKey,
    message,
  })
  expect((await verify(w.ctx, { ...raw, signature: theirs })).valid).toBe(true)
})

const oaep = '-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256'

test.each([
  ['RSA_2048', 2048, 190],
  ['RSA_3072', 3072, 318],
  ['RSA_4096', 4096, 446],
] as const)('%s: RSAES-OAEP both ways, up to the limit', async (spec, bits, max) => {
  const key = await keyOf(spec, 'ENCRYPT_DECRYPT', `-algorithm RSA -pkeyopt rsa_keygen_bits:${bits}`)
  const named = { ...key, algorithm: 'RSAES_OAEP_SHA_256' }
  for (const length of [1, max]) {
    const plaintext = Buffer.alloc(length, 0x61)
    const { ciphertext } = await encryptData(w.ctx, { ...named, plaintext })
    expect(
      await ssl.run(`pkeyutl -decrypt -inkey key -keyform DER ${oaep} -in in -out out`, {
        key: key.privateKey,
        in: ciphertext,
      }),
    ).toEqual(plaintext)
    const theirs = await ssl.run(`pkeyutl -encrypt -pubin -inkey key -keyform DER ${oaep} -in in -out out`, {
      key: key.publicKey,
      in: plaintext,
    })
    expect((await decryptData(w.ctx, { ...named, ciphertext: theirs })).plaintext).toEqual(plaintext)
  }
  await expect(encryptData(w.ctx, { ...named, plaintext: Buffer.alloc(max + 1) })).rejects.toMatchObject({
    code: 'plaintextTooLong',
  })
})

test.each([
  ['HMAC_256', 'HMAC_SHA_256', 'sha256', 32],
  ['HMAC_384', 'HMAC_SHA_384', 'sha384', 48],
  ['HMAC_512', 'HMAC_SHA_512', 'sha512', 64],
  ['HMAC_SM3', 'HMAC_SM3', 'sm3', 32],
] as const)('%s: the code that openssl computes', async (spec, algorithm, hash, length) => {
  const { id: keyId } = await w.makeKey({ spec, usage: 'GENERATE_VERIFY_MAC' })
  const secret = createHash('shake256', { outputLength: length }).update(spec).digest()
  await putMaterial(w, keyId, secret)
  const theirs = await ssl.run(
    `dgst -${hash} -mac HMAC -macopt hexkey:${secret.toString('hex')} -binary -out out message`,
    { message },
  )
  const input = { projectId: w.projectId, keyId, algorithm, message }
  expect((await generateMac(w.ctx, input)).mac).toEqual(theirs)
  expect((await verifyMac(w.ctx, { ...input, mac: theirs })).valid).toBe(true)
})
