import { createHmac, hkdfSync } from 'node:crypto'
import type { KeySpec } from '#lib/kms/model/key-spec.ts'
import { type EnvelopeBinding, openEnvelope, sealEnvelope } from './envelope.ts'
import { idBytes } from './id-bytes.ts'
import { KeyMaterial } from './key-material.ts'

/** Where a material belongs. Sealed bytes open only for exactly this place. Ids are UUIDs or 32 hex digits. */
export type MaterialPlace = {
  accountId: string
  setId: string
  /** From 1. */
  version: number
  spec: KeySpec
}

/** Account keys are always AES-256-GCM keys, whatever they seal. */
const binding = ({ accountId, setId, version }: MaterialPlace): EnvelopeBinding => ({
  cipher: 'aes-256-gcm',
  accountId,
  setId,
  materialVersion: version,
})

/**
 * Seals material under the key of its account, bound to account, set, version and spec: a row that is copied to
 * another key, version or account, or relabelled as another spec, does not open.
 */
export function sealMaterial(accountKey: KeyMaterial, place: MaterialPlace, material: KeyMaterial): Buffer {
  const spec = Buffer.from(place.spec)
  return sealEnvelope(accountKey, binding(place), 'sealed material', material.reveal(), spec)
}

/**
 * Opens what `sealMaterial` made. The caller disposes of the answer.
 *
 * @throws {DecryptionFailed} if the sealed bytes, the place or the account key are not the ones it was sealed with.
 */
export function openMaterial(accountKey: KeyMaterial, place: MaterialPlace, sealed: Uint8Array): KeyMaterial {
  const spec = Buffer.from(place.spec)
  return KeyMaterial.take(openEnvelope(accountKey, binding(place), 'sealed material', sealed, spec))
}

/**
 * Recognises a material without keeping it: a re-import must bring the identical one (Huawei KMS, importing key
 * material). HMAC-SHA-256 under a key derived from the account key, so nobody with the database alone can try
 * guesses; over set and spec as well, so that equal material of two keys does not show. 32 bytes.
 *
 * Private keys must be given in the PKCS#8 form in which they are sealed, since one key has several encodings.
 * Compare with `timingSafeEqual`.
 */
export function materialFingerprint(
  accountKey: KeyMaterial,
  place: Omit<MaterialPlace, 'version'>,
  material: KeyMaterial,
): Buffer {
  const key = Buffer.from(hkdfSync('sha256', accountKey.reveal(), '', 'keystead fingerprint', 32))
  const fingerprint = createHmac('sha256', key)
    .update(idBytes(place.setId))
    .update(`${place.spec}\0`)
    .update(material.reveal())
    .digest()
  key.fill(0)
  return fingerprint
}
