import { createDecipheriv } from 'node:crypto'
import { DecryptionFailed } from './decryption-failed.ts'

/** The alternative initial value (RFC 5649 §3). */
const initialValue = Buffer.from('A65959A6', 'hex')

/**
 * Unwraps with AES key wrap with padding (RFC 5649 §4.2), which authenticates what it unwraps.
 *
 * @param wrappingKey 16, 24 or 32 bytes
 * @throws {DecryptionFailed} whatever is wrong with the wrapped bytes or the key
 */
export function unwrapPadded(wrappingKey: Uint8Array, wrapped: Uint8Array): Buffer {
  // Node unwraps no bytes to no bytes, without an error.
  if (wrapped.byteLength < 16) throw new DecryptionFailed()
  try {
    const cipher = `id-aes${wrappingKey.byteLength * 8}-wrap-pad`
    const operation = createDecipheriv(cipher, wrappingKey, initialValue)
    const unwrapped = operation.update(wrapped)
    try {
      return Buffer.concat([unwrapped, operation.final()])
    } finally {
      unwrapped.fill(0)
    }
  } catch {
    throw new DecryptionFailed()
  }
}
