import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'

/** The hashes of HMAC keys, by their OpenSSL names. */
export type MacHash = 'sha256' | 'sha384' | 'sha512' | 'sm3'

/** HMAC (RFC 2104, FIPS 198-1) of a message, as long as the hash's output. */
export function messageCode(hash: MacHash, key: KeyObject, message: Uint8Array): Buffer {
  return createHmac(hash, key).update(message).digest()
}

/** Whether the code is the message's, compared in constant time; only whole codes are accepted. */
export function isMessageCode(hash: MacHash, key: KeyObject, message: Uint8Array, code: Uint8Array): boolean {
  const wanted = messageCode(hash, key, message)
  return wanted.byteLength === code.byteLength && timingSafeEqual(wanted, code)
}
