import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { isConsistentRsa } from './consistent-rsa.ts'

const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const jwk = key.export({ format: 'jwk' })

test('a key as OpenSSL makes it is consistent', () => {
  expect(isConsistentRsa(key)).toBe(true)
})

test.for(['d', 'dp', 'dq', 'qi'] as const)('one bit of %s is changed', (name) => {
  const bytes = Buffer.from(jwk[name] ?? '', 'base64url')
  bytes[40] = (bytes[40] ?? 0) ^ 2
  const changed: JsonWebKey = { ...jwk, [name]: bytes.toString('base64url') }
  expect(isConsistentRsa(createPrivateKey({ key: changed, format: 'jwk' }))).toBe(false)
})
