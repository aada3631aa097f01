import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { type AeadCipher, aeadKeyBytes } from './aead.ts'
import { type EnvelopeKind, saltBytes } from './envelope-layout.ts'
import type { KeyMaterial } from './key-material.ts'

/** The key that messages of one kind are sealed with while one salt is in use. */
export type MessageKey = { key: KeyObject; salt: Uint8Array }

/**
 * HKDF-SHA-256 (RFC 5869) of the material, the salt and "keystead <kind>". With a random salt per process, no two
 * processes share a message key, so random 96-bit IVs stay far below the 2^32 messages per key that NIST SP 800-38D
 * §8.3 allows, for any number of processes.
 */
export function deriveMessageKey(
  material: KeyMaterial,
  cipher: AeadCipher,
  kind: EnvelopeKind,
  salt: Uint8Array,
): MessageKey {
  const bytes = Buffer.from(
    hkdfSync('sha256', material.reveal(), salt, `keystead ${kind}`, aeadKeyBytes[cipher]),
  )
  const key = createSecretKey(bytes)
  bytes.fill(0)
  return { key, salt }
}

/** A message key under a fresh salt. */
export function freshMessageKey(material: KeyMaterial, cipher: AeadCipher, kind: EnvelopeKind): MessageKey {
  return deriveMessageKey(material, cipher, kind, randomBytes(saltBytes))
}
