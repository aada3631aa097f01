import { type CipherGCMTypes, createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'
import { DecryptionFailed } from './decryption-failed.ts'

/** AES-256-GCM (NIST SP 800-38D) and SM4-GCM (RFC 8998), by their OpenSSL names. */
export type AeadCipher = 'aes-256-gcm' | 'sm4-gcm'

export const aeadKeyBytes = { 'aes-256-gcm': 32, 'sm4-gcm': 16 } as const satisfies Record<AeadCipher, number>

/** The IV length for which GCM needs no extra hashing and random IVs are analysed (NIST SP 800-38D §8.2.2). */
export const ivBytes = 12

/** Only full tags are made and accepted: shorter ones weaken GCM more than their length says (SP 800-38D App. C). */
export const tagBytes = 16

/** SM4-GCM behaves as AES-GCM does; Node's types only know the latter among the modes with a tag. */
const openSslName = (cipher: AeadCipher): CipherGCMTypes => cipher as CipherGCMTypes

/** Encrypts and authenticates; the ciphertext is as long as the plaintext. */
export function encryptAead(
  cipher: AeadCipher,
  key: KeyObject,
  iv: Uint8Array,
  associatedData: Uint8Array,
  plaintext: Uint8Array,
): [ciphertext: Buffer, tag: Buffer] {
  const operation = createCipheriv(openSslName(cipher), key, iv, { authTagLength: tagBytes })
  operation.setAAD(associatedData)
  const ciphertext = operation.update(plaintext)
  operation.final()
  return [ciphertext, operation.getAuthTag()]
}

/**
 * Verifies and decrypts.
 *
 * @throws {DecryptionFailed} if the tag does not match; no plaintext leaves this function before it has.
 */
export function decryptAead(
  cipher: AeadCipher,
  key: KeyObject,
  iv: Uint8Array,
  associatedData: Uint8Array,
  ciphertext: Uint8Array,
  tag: Uint8Array,
): Buffer {
  const operation = createDecipheriv(openSslName(cipher), key, iv, { authTagLength: tagBytes })
  operation.setAAD(associatedData)
  operation.setAuthTag(tag)
  const plaintext = operation.update(ciphertext)
  try {
    operation.final()
  } catch {
    plaintext.fill(0)
    throw new DecryptionFailed()
  }
  return plaintext
}
