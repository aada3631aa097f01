import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { type KeySpec, keySpecNames, keySpecs } from '#lib/kms/model/key-spec.ts'
import { generateCheckedKeyPair } from './generate-key-pair.ts'
import { checkKeyPair, UnsuitableKeyPair } from './key-pair.ts'

const asymmetric = keySpecNames.filter((spec) => keySpecs[spec].kind === 'asymmetric')
const digestOf = (spec: KeySpec): string | null =>
  /^(RSA|EC_P256|SECP)/.test(spec) ? 'sha256' : spec === 'EC_P384' ? 'sha384' : null

test.each(asymmetric)('%s: a generated pair signs and verifies after storage', async (spec) => {
  const pair = await generateCheckedKeyPair(spec)
  const privateKey = createPrivateKey({ key: pair.privateKey, type: 'pkcs8', format: 'der' })
  const publicKey = createPublicKey({ key: pair.publicKey, type: 'spki', format: 'der' })
  const message = Buffer.from('message')
  const signature = sign(digestOf(spec), message, privateKey)
  expect(verify(digestOf(spec), message, publicKey, signature)).toBe(true)
  expect(verify(digestOf(spec), Buffer.from('another'), publicKey, signature)).toBe(false)
  expect(await checkKeyPair(spec, pair.privateKey)).toEqual(pair)
})

test.each(keySpecNames.filter((spec) => keySpecs[spec].kind !== 'asymmetric'))(
  '%s has no pair',
  async (spec) => {
    await expect(generateCheckedKeyPair(spec)).rejects.toThrow(RangeError)
  },
)

const pkcs8 = { type: 'pkcs8', format: 'der' } as const
const rsa = (modulusLength: number, publicExponent = 65537) =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent }).privateKey.export(pkcs8)
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey.export(pkcs8)

test.each<[string, KeySpec, () => Buffer, string]>([
  ['a smaller modulus', 'RSA_2048', () => rsa(1024), 'another size'],
  ['a larger modulus', 'RSA_2048', () => rsa(3072), 'another size'],
  ['an exponent of 3', 'RSA_2048', () => rsa(2048, 3), 'not 65537'],
  ['another curve', 'EC_P256', () => ec('secp256k1'), 'another curve'],
  ['the other NIST curve', 'EC_P384', () => ec('P-256'), 'another curve'],
  ['another family', 'ED25519', () => ec('P-256'), 'another type'],
  [
    'RSA-PSS parameters',
    'RSA_2048',
    () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey.export(pkcs8),
    'another type',
  ],
  ['bytes that are no key', 'EC_P256', () => Buffer.from('no key'), 'not PKCS#8'],
  [
    'a public key',
    'EC_P256',
    () =>
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' }),
    'not PKCS#8',
  ],
])('%s is refused', async (_name, spec, make, reason) => {
  const key = make()
  const check = checkKeyPair(spec, key)
  await expect(check).rejects.toThrow(UnsuitableKeyPair)
  await expect(check).rejects.toThrow(reason)
})

test('a private key whose stored public half is another one is refused', async () => {
  const der = ec('P-256')
  const other = ec('P-256')
  // The public point is at the end of the SEC 1 structure inside.
  const mixed = Buffer.concat([der.subarray(0, -64), other.subarray(-64)])
  await expect(checkKeyPair('EC_P256', mixed)).rejects.toThrow(UnsuitableKeyPair)
})
