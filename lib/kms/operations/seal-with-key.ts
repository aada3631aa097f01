import { DecryptionFailed } from '../crypto/decryption-failed.ts'
import { type EnvelopeKind, parseEnvelope } from '../crypto/envelope-layout.ts'
import { decryptOaep, encryptOaep, type OaepHash, oaepBytesMax } from '../crypto/oaep.ts'
import { type ErrorCode, KmsError } from '../model/errors.ts'
import { keySpecs } from '../model/key-spec.ts'
import { symmetricDefault } from './encryption-algorithm.ts'
import type { UsableKey } from './usable-key.ts'

/** What callers keep of a key: each kind needs its own right to open and is never opened as another. */
export type CiphertextKind = Extract<EnvelopeKind, 'data' | 'data key' | 'data key pair'>

/** What a ciphertext is made or opened with, beside the key. */
export type Sealing = {
  kind: CiphertextKind
  /** A name of `encryption-algorithm.ts`, already checked against the key. */
  algorithm: string
  /** Must be given again to open. */
  additionalData: Uint8Array
}

/**
 * Seals bytes under a key: an envelope with the newest version of symmetric material, or RSAES-OAEP.
 *
 * @param tooLong the refusal when RSA cannot hold that many bytes; it is checked before the crypto
 */
export function sealWithKey(
  key: UsableKey,
  sealing: Sealing,
  plaintext: Uint8Array,
  tooLong: ErrorCode = 'plaintextTooLong',
): Buffer {
  const { kind, algorithm, additionalData } = sealing
  const { material } = key
  if (keySpecs[key.spec].kind === 'symmetric') {
    return material.loaded(material.currentVersion).seal(kind, plaintext, additionalData)
  }
  const publicKey = material.publicKey()
  const hash = oaepHash(algorithm)
  if (plaintext.byteLength > oaepBytesMax(publicKey, hash)) throw new KmsError(tooLong)
  return encryptOaep(publicKey, hash, plaintext, oaepLabel(kind, additionalData))
}

/**
 * Opens what `sealWithKey` made, with the version of the material it names.
 *
 * @throws {KmsError} ciphertextInvalid, whatever is wrong
 */
export async function openWithKey(key: UsableKey, sealing: Sealing, ciphertext: Uint8Array): Promise<Buffer> {
  const { kind, algorithm, additionalData } = sealing
  if (algorithm === symmetricDefault) {
    const { materialVersion } = await orInvalid(() => parseEnvelope(ciphertext))
    const loaded = key.material.loaded(materialVersion)
    return orInvalid(() => loaded.open(kind, ciphertext, additionalData))
  }
  const privateKey = key.material.privateKey()
  const label = oaepLabel(kind, additionalData)
  return orInvalid(() => decryptOaep(privateKey, oaepHash(algorithm), ciphertext, label))
}

/** Only for the caller's bytes: sealed material of ours that does not open is a fault of ours. */
async function orInvalid<T>(open: () => T | Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (error) {
    if (error instanceof DecryptionFailed) throw new KmsError('ciphertextInvalid')
    throw error
  }
}

function oaepHash(algorithm: string): OaepHash {
  return algorithm === 'RSAES_OAEP_SHA_1' ? 'sha1' : 'sha256'
}

/**
 * RSA ciphertexts have no header, so kind and associated data go into the label of OAEP, which is authenticated as the
 * plaintext is. Data without associated data has the empty label: anyone with the public key can make such a
 * ciphertext with any other tool. No two inputs give the same label, since a kind holds no zero byte.
 */
function oaepLabel(kind: CiphertextKind, additionalData: Uint8Array): Uint8Array {
  if (kind === 'data' && additionalData.byteLength === 0) return new Uint8Array()
  return Buffer.concat([Buffer.from(`keystead ${kind}\0`), additionalData])
}
