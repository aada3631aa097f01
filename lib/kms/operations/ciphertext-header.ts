import { DecryptionFailed } from '../crypto/decryption-failed.ts'
import { parseEnvelope } from '../crypto/envelope-layout.ts'
import type { CiphertextKind } from './seal-with-key.ts'

/** What a ciphertext says of itself; nothing of it is authentic before it is opened. */
export type CiphertextHeader = { setId: string; kind: CiphertextKind }

const kinds: readonly string[] = ['data', 'data key', 'data key pair'] satisfies CiphertextKind[]

/**
 * Which material a symmetric ciphertext was sealed with, and as what. Bytes that are no ciphertext, or none that
 * callers get, name a set that does not exist: so they meet the same checks and the same refusal as a ciphertext of a
 * stranger.
 */
export function ciphertextHeader(ciphertext: Uint8Array): CiphertextHeader {
  try {
    const { setId, kind } = parseEnvelope(ciphertext)
    if (isCiphertextKind(kind)) return { setId, kind }
  } catch (error) {
    if (!(error instanceof DecryptionFailed)) throw error
  }
  return { setId: '00000000-0000-0000-0000-000000000000', kind: 'data' }
}

function isCiphertextKind(kind: string): kind is CiphertextKind {
  return kinds.includes(kind)
}
