import { expect, test } from 'vitest'
import { DecryptionFailed } from './decryption-failed.ts'
import { KeyMaterial } from './key-material.ts'
import { type MaterialPlace, materialFingerprint, openMaterial, sealMaterial } from './sealed-material.ts'

const place: MaterialPlace = {
  accountId: '6f0e8c1a-1111-4222-8333-444455556666',
  setId: '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d',
  version: 1,
  spec: 'AES_256',
}
const otherId = '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4e'
const elsewhere: [string, Partial<MaterialPlace>][] = [
  ['another account', { accountId: otherId }],
  ['another set', { setId: otherId }],
  ['another version', { version: 2 }],
  ['another spec', { spec: 'HMAC_256' }],
]
const accountKey = KeyMaterial.random(32)
const material = KeyMaterial.random(32)

test('sealed material opens in its place', () => {
  const sealed = sealMaterial(accountKey, place, material)
  expect(openMaterial(accountKey, place, sealed).reveal()).toEqual(material.reveal())
  expect(sealed.includes(material.reveal())).toBe(false)
})

test.each(elsewhere)('a row moved to %s does not open', (_name, change) => {
  const sealed = sealMaterial(accountKey, place, material)
  expect(() => openMaterial(accountKey, { ...place, ...change }, sealed)).toThrow(new DecryptionFailed())
})

test('another account key does not open it', () => {
  const sealed = sealMaterial(accountKey, place, material)
  expect(() => openMaterial(KeyMaterial.random(32), place, sealed)).toThrow(new DecryptionFailed())
})

test('the fingerprint recognises the same material and nothing else', () => {
  const fingerprint = materialFingerprint(accountKey, place, material)
  expect(fingerprint).toHaveLength(32)
  const again = KeyMaterial.take(Buffer.from(material.reveal()))
  expect(materialFingerprint(accountKey, place, again)).toEqual(fingerprint)
  expect(materialFingerprint(accountKey, place, KeyMaterial.random(32))).not.toEqual(fingerprint)
  expect(materialFingerprint(accountKey, { ...place, setId: otherId }, material)).not.toEqual(fingerprint)
  expect(materialFingerprint(KeyMaterial.random(32), place, material)).not.toEqual(fingerprint)
})
