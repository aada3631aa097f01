import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { DecryptionFailed } from '#lib/kms/crypto/decryption-failed.ts'
import { parseEnvelope } from '#lib/kms/crypto/envelope-layout.ts'
import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import { makeSealedAccountKey, openAccountKey } from './account-key.ts'
import { RootKey } from './root-key.ts'
import { openSecret, sealSecret } from './sealed-secret.ts'

const accountId = '6f0e8c1a-1111-4222-8333-444455556666'
const otherAccountId = '6f0e8c1a-1111-4222-8333-444455556667'
const rootKey = new RootKey(KeyMaterial.random(32))
const secret = KeyMaterial.random(32)

test('a secret opens for its purpose', () => {
  const sealed = sealSecret(rootKey, 'auth secret', secret)
  expect(openSecret(rootKey, 'auth secret', sealed).reveal()).toEqual(secret.reveal())
})

test('a secret opens neither for another purpose nor under another root key', () => {
  const sealed = sealSecret(rootKey, `audit key ${accountId}`, secret)
  expect(() => openSecret(rootKey, 'auth secret', sealed)).toThrow(new DecryptionFailed())
  expect(() => openSecret(rootKey, `audit key ${otherAccountId}`, sealed)).toThrow(new DecryptionFailed())
  const other = new RootKey(KeyMaterial.random(32))
  expect(() => openSecret(other, `audit key ${accountId}`, sealed)).toThrow(new DecryptionFailed())
})

test('the key of one account does not open as that of another', () => {
  const sealed = makeSealedAccountKey(rootKey, accountId)
  expect(openAccountKey(rootKey, accountId, sealed).length).toBe(32)
  expect(() => openAccountKey(rootKey, otherAccountId, sealed)).toThrow(new DecryptionFailed())
})

test('a sealed secret names the root key that sealed it', () => {
  const { setId } = parseEnvelope(sealSecret(rootKey, 'auth secret', secret))
  expect(setId.replaceAll('-', '')).toBe(rootKey.id.toString('hex').slice(0, 32))
})

test('printing a root key shows the beginning of its id only', () => {
  const shown = `[root key ${rootKey.id.toString('hex').slice(0, 8)}]`
  expect([`${rootKey}`, inspect(rootKey), JSON.stringify(rootKey)]).toEqual([
    shown,
    shown,
    JSON.stringify(shown),
  ])
  const bare = inspect(rootKey, { customInspect: false, depth: null, showHidden: true })
  expect(bare).not.toContain(rootKey.material.reveal().toString('hex').match(/../g)?.slice(0, 4).join(' '))
})

test('a root key has 32 bytes', () => {
  expect(() => new RootKey(KeyMaterial.random(16))).toThrow(RangeError)
})
