import { type EnvelopeBinding, openEnvelope, sealEnvelope } from '../crypto/envelope.ts'
import { KeyMaterial } from '../crypto/key-material.ts'

/** The key and the open set for which a wrapping key was made. */
export type WrappingKeyPlace = { accountId: string; keyId: string; requestId: string }

const binding = ({ accountId, requestId }: WrappingKeyPlace): EnvelopeBinding => ({
  cipher: 'aes-256-gcm',
  accountId,
  setId: requestId,
  materialVersion: 0,
})

const purpose = ({ keyId }: WrappingKeyPlace): Buffer => Buffer.from(`wrapping key ${keyId}`)

/** Seals the private half of a wrapping key under the account key, bound to its key and set. */
export function sealWrappingKey(
  accountKey: KeyMaterial,
  place: WrappingKeyPlace,
  privateKey: KeyMaterial,
): Buffer {
  return sealEnvelope(accountKey, binding(place), 'sealed secret', privateKey.reveal(), purpose(place))
}

/**
 * Opens what `sealWrappingKey` made. The caller disposes of the answer.
 *
 * @throws {DecryptionFailed} if the bytes were changed or sealed for another key or set
 */
export function openWrappingKey(
  accountKey: KeyMaterial,
  place: WrappingKeyPlace,
  sealed: Uint8Array,
): KeyMaterial {
  return KeyMaterial.take(openEnvelope(accountKey, binding(place), 'sealed secret', sealed, purpose(place)))
}
