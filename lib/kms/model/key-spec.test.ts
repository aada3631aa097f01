import { expect, test } from 'vitest'
import {
  algorithmsOf,
  allowsUsage,
  defaultUsage,
  isKeySpec,
  keySpecNames,
  keySpecs,
  noteOf,
  usagesOf,
} from './key-spec.ts'

test('the default usage is the one the product documents for each family', () => {
  expect(keySpecNames.map((spec) => [spec, defaultUsage(spec)])).toEqual([
    ['AES_256', 'ENCRYPT_DECRYPT'],
    ['SM4', 'ENCRYPT_DECRYPT'],
    ['HMAC_256', 'GENERATE_VERIFY_MAC'],
    ['HMAC_384', 'GENERATE_VERIFY_MAC'],
    ['HMAC_512', 'GENERATE_VERIFY_MAC'],
    ['HMAC_SM3', 'GENERATE_VERIFY_MAC'],
    ['RSA_2048', 'SIGN_VERIFY'],
    ['RSA_3072', 'SIGN_VERIFY'],
    ['RSA_4096', 'SIGN_VERIFY'],
    ['EC_P256', 'SIGN_VERIFY'],
    ['EC_P384', 'SIGN_VERIFY'],
    ['SECP256K1', 'SIGN_VERIFY'],
    ['ED25519', 'SIGN_VERIFY'],
    ['ML_DSA_44', 'SIGN_VERIFY'],
    ['ML_DSA_65', 'SIGN_VERIFY'],
    ['ML_DSA_87', 'SIGN_VERIFY'],
  ])
})

test('only RSA keys offer a choice of usage', () => {
  expect(keySpecNames.filter((spec) => usagesOf(spec).length > 1)).toEqual([
    'RSA_2048',
    'RSA_3072',
    'RSA_4096',
  ])
  expect(allowsUsage('EC_P256', 'ENCRYPT_DECRYPT')).toBe(false)
  expect(allowsUsage('RSA_2048', 'ENCRYPT_DECRYPT')).toBe(true)
})

test('every usage has algorithms and no other usage has', () => {
  const all = ['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC'] as const
  for (const spec of keySpecNames) {
    for (const usage of all) expect(algorithmsOf(spec, usage).length > 0).toBe(allowsUsage(spec, usage))
  }
})

test('only symmetric keys rotate by the clock, and MAC keys cannot be imported', () => {
  for (const spec of keySpecNames) {
    const { kind, rotatable, importable } = keySpecs[spec]
    expect(rotatable).toBe(kind === 'symmetric')
    if (kind === 'mac') expect(importable).toBe(false)
  }
})

test('names of inherited properties are not specs', () => {
  expect(isKeySpec('AES_256')).toBe(true)
  for (const value of ['toString', '__proto__', 'aes_256', '', undefined, 256])
    expect(isKeySpec(value)).toBe(false)
})

test('only RSA_2048 carries a note', () => {
  expect(keySpecNames.filter((spec) => noteOf(spec) !== undefined)).toEqual(['RSA_2048'])
})
