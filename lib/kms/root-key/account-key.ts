import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import type { RootKey } from './root-key.ts'
import { openSecret, sealSecret } from './sealed-secret.ts'

/** Makes the key of a new account and answers it sealed, as it is stored; the clear one is gone. */
export function makeSealedAccountKey(rootKey: RootKey, accountId: string): Buffer {
  const accountKey = KeyMaterial.random(32)
  const sealed = sealSecret(rootKey, `account key ${accountId}`, accountKey)
  accountKey[Symbol.dispose]()
  return sealed
}

/**
 * Opens the key of an account, under which its material is sealed. The caller disposes of it.
 *
 * @throws {DecryptionFailed} if the sealed key is another account's or was changed.
 */
export function openAccountKey(rootKey: RootKey, accountId: string, sealed: Uint8Array): KeyMaterial {
  return openSecret(rootKey, `account key ${accountId}`, sealed)
}
