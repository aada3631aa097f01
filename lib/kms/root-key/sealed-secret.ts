import { type EnvelopeBinding, openEnvelope, sealEnvelope } from '#lib/kms/crypto/envelope.ts'
import { idText } from '#lib/kms/crypto/id-bytes.ts'
import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import type { RootKey } from './root-key.ts'

/** What a secret is for and whose it is: a sealed secret opens for exactly this purpose and no other. */
export type SecretPurpose =
  | 'auth secret'
  | `account key ${string}`
  | `audit key ${string}`
  | `access key ${string}`

/** Secrets of the installation belong to no account; whose they are stands in the purpose. */
const noAccount = '00000000-0000-0000-0000-000000000000'

/**
 * In place of a material set the header names the root key, so that two of them may open secrets while one replaces
 * the other.
 */
const binding = (rootKey: RootKey): EnvelopeBinding => ({
  cipher: 'aes-256-gcm',
  accountId: noAccount,
  setId: idText(rootKey.id),
  materialVersion: 0,
})

/** Seals a secret directly under the root key, with AES-256-GCM. The secret itself is left as it is. */
export function sealSecret(rootKey: RootKey, purpose: SecretPurpose, secret: KeyMaterial): Buffer {
  return sealEnvelope(
    rootKey.material,
    binding(rootKey),
    'sealed secret',
    secret.reveal(),
    Buffer.from(purpose),
  )
}

/**
 * Opens what `sealSecret` made. The caller disposes of the answer.
 *
 * @throws {DecryptionFailed} if the bytes were changed, sealed for another purpose or under another root key.
 */
export function openSecret(rootKey: RootKey, purpose: SecretPurpose, sealed: Uint8Array): KeyMaterial {
  const secret = openEnvelope(
    rootKey.material,
    binding(rootKey),
    'sealed secret',
    sealed,
    Buffer.from(purpose),
  )
  return KeyMaterial.take(secret)
}
