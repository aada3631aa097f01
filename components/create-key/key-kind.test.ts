import { describe, expect, test } from 'vitest'
import { allowsUsage, keySpecNames, keySpecs, usagesOf } from '#lib/kms/model/key-spec.ts'
import { algorithmGroups, fitToSpec } from './key-kind.ts'

test('every algorithm is offered once', () => {
  const offered = algorithmGroups.flatMap((group) => group.options.map((option) => option.value))
  expect(offered).toEqual(keySpecNames)
})

describe('another algorithm', () => {
  test('whatever was chosen before, the result fits', () => {
    for (const from of keySpecNames) {
      for (const usage of usagesOf(from)) {
        for (const origin of ['kms', 'external'] as const) {
          for (const to of keySpecNames) {
            const fitted = fitToSpec({ spec: from, usage, origin }, to)
            expect(allowsUsage(to, fitted.usage)).toBe(true)
            expect(fitted.origin === 'kms' || keySpecs[to].importable).toBe(true)
          }
        }
      }
    }
  })

  test('a usage that was chosen is kept while it fits', () => {
    const choice = { spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT', origin: 'kms' } as const
    expect(fitToSpec(choice, 'RSA_4096')).toMatchObject({ usage: 'ENCRYPT_DECRYPT', usageNote: null })
  })

  test('a usage that was forced is not taken for a choice', () => {
    const choice = { spec: 'AES_256', usage: 'ENCRYPT_DECRYPT', origin: 'kms' } as const
    expect(fitToSpec(choice, 'RSA_4096')).toMatchObject({ usage: 'SIGN_VERIFY', usageNote: null })
  })

  test('a chosen usage that is lost is said', () => {
    const choice = { spec: 'RSA_3072', usage: 'ENCRYPT_DECRYPT', origin: 'kms' } as const
    expect(fitToSpec(choice, 'EC_P256')).toMatchObject({
      usage: 'SIGN_VERIFY',
      usageNote: 'Changed from ENCRYPT_DECRYPT, which EC_P256 does not have.',
    })
  })

  test('External falls back, and says so, for an algorithm that cannot be imported', () => {
    const choice = { spec: 'AES_256', usage: 'ENCRYPT_DECRYPT', origin: 'external' } as const
    expect(fitToSpec(choice, 'HMAC_256')).toMatchObject({
      origin: 'kms',
      originNote: 'Changed back to Key management: HMAC_256 cannot use external key material.',
    })
  })
})
