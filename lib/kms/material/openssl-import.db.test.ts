import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { getPublicKey } from '../keys/get-public-key.ts'
import type { KeySpec } from '../model/key-spec.ts'
import { sign } from '../operations/sign.ts'
import { type OpenSsl, openSsl } from '../testing/openssl.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { importMaterial } from './import-material.ts'
import { openImport } from './open-import.ts'

// What an owner does with the real openssl, as the product's guide tells them.

let w: TestWorld
let openssl: OpenSsl

beforeAll(async () => {
  w = await testWorld(inject('databaseUrl'))
  openssl = await openSsl()
})

afterAll(async () => {
  await openssl[Symbol.asyncDispose]()
  await w[Symbol.asyncDispose]()
})

const wrap =
  'pkeyutl -encrypt -pubin -keyform DER -inkey wrapping.der -in secret -out out ' +
  '-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256'

async function openFor(spec: KeySpec, usage: 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY') {
  const { id: keyId } = await w.makeKey({ spec, usage, origin: 'external' })
  const key = { projectId: w.projectId, keyId }
  const set = await openImport(w.ctx, { ...key, wrappingAlgorithm: 'RSAES_OAEP_SHA_256' })
  return { key, set }
}

test.for([
  ['AES_256', 32],
  ['SM4', 16],
] as const)('%s wrapped by openssl pkeyutl', async ([spec, bytes]) => {
  const { key, set } = await openFor(spec, 'ENCRYPT_DECRYPT')
  const wrappedMaterial = await openssl.run(wrap, {
    'wrapping.der': set.publicKey,
    secret: randomBytes(bytes),
  })
  const imported = importMaterial(w.ctx, { ...key, importToken: set.importToken, wrappedMaterial })
  await expect(imported).resolves.toMatchObject({ state: '2' })
})

test.for([
  ['RSA_2048', 'RSA -pkeyopt rsa_keygen_bits:2048', 'RSASSA_PKCS1_V1_5_SHA_256'],
  ['EC_P256', 'EC -pkeyopt ec_paramgen_curve:P-256', 'ECDSA_SHA_256'],
  ['EC_P384', 'EC -pkeyopt ec_paramgen_curve:P-384', 'ECDSA_SHA_384'],
  ['SECP256K1', 'EC -pkeyopt ec_paramgen_curve:secp256k1', 'ECDSA_SHA_256'],
  ['ED25519', 'ED25519', 'ED25519_SHA_512'],
] as const)('%s made and wrapped by openssl signs what openssl verifies', async ([spec, made, algorithm]) => {
  const { key, set } = await openFor(spec, 'SIGN_VERIFY')
  const pem = await openssl.run(`genpkey -out out -algorithm ${made}`)
  const toPkcs8 = 'pkcs8 -topk8 -nocrypt -in private.pem -outform DER -out out'
  const privateKey = await openssl.run(toPkcs8, { 'private.pem': pem })
  const temporaryKey = randomBytes(32)
  const wrappedMaterial = await openssl.run(wrap, { 'wrapping.der': set.publicKey, secret: temporaryKey })
  const wrappedPrivateKey = await openssl.run(
    `enc -id-aes256-wrap-pad -iv A65959A6 -K ${temporaryKey.toString('hex')} -in private.der -out out`,
    { 'private.der': privateKey },
  )
  await importMaterial(w.ctx, { ...key, importToken: set.importToken, wrappedMaterial, wrappedPrivateKey })
  const { publicKey } = await getPublicKey(w.ctx, key)
  expect(await openssl.run('pkey -pubout -inform DER -outform DER -in private.der -out out')).toEqual(
    publicKey,
  )
  const message = Buffer.from('signed with an imported key')
  const { signature } = await sign(w.ctx, { ...key, message, messageType: 'RAW', algorithm })
  const hash = algorithm.startsWith('ED25519') ? '' : `-digest sha${algorithm.slice(-3)} `
  const verified = await openssl.succeeds(
    `pkeyutl -verify -rawin ${hash}-pubin -keyform DER -inkey public.der -sigfile signature -in message`,
    { 'public.der': publicKey, signature, message },
  )
  expect(verified).toBe(true)
})
