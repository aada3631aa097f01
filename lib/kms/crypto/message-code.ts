import { createHmac, timingSafeEqual } from 'node:crypto'
import type { KeyMaterial } from './key-material.ts'

/** The hashes of HMAC keys, by their OpenSSL names. */
export type MacHash = 'sha256' | 'sha384' | 'sha512' | 'sm3'

/** HMAC (RFC 2104, FIPS 198-1) of a message, as long as the hash's output. */
export function messageCode(hash: MacHash, material: KeyMaterial, message: Uint8Array): Buffer {
  return createHmac(hash, material.reveal()).update(message).digest()
}

/** Whether the code is the message's, compared in constant time; only whole codes are accepted. */
export function isMessageCode(
  hash: MacHash,
  material: KeyMaterial,
  message: Uint8Array,
  code: Uint8Array,
): boolean {
  const wanted = messageCode(hash, material, message)
  return wanted.byteLength === code.byteLength && timingSafeEqual(wanted, code)
}
