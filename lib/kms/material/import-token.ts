import { DecryptionFailed } from '../crypto/decryption-failed.ts'
import { type EnvelopeBinding, openEnvelope, sealEnvelope } from '../crypto/envelope.ts'
import type { KeyMaterial } from '../crypto/key-material.ts'

/** The only way to wrap what is imported; the older ones of the product are not safe any more. */
export const wrappingAlgorithm = 'RSAES_OAEP_SHA_256'

/** What an import token says: which open set of which key it belongs to, and until when. */
export type ImportToken = { requestId: string; keyId: string; expiresAt: Date }

/** The header names no material set: the token is sealed by the account, for a key that has no material yet. */
const binding = (accountId: string): EnvelopeBinding => ({
  cipher: 'aes-256-gcm',
  accountId,
  setId: accountId,
  materialVersion: 0,
})

const nothing = new Uint8Array()

/** Seals a token under the account key: only Keystead can make or read one. */
export function sealImportToken(accountKey: KeyMaterial, accountId: string, token: ImportToken): Buffer {
  const words = [token.requestId, token.keyId, token.expiresAt.toISOString(), wrappingAlgorithm]
  return sealEnvelope(accountKey, binding(accountId), 'import token', Buffer.from(words.join(' ')), nothing)
}

/** Opens what `sealImportToken` made; null for anything else. */
export function openImportToken(
  accountKey: KeyMaterial,
  accountId: string,
  sealed: Uint8Array,
): ImportToken | null {
  try {
    const words = openEnvelope(accountKey, binding(accountId), 'import token', sealed, nothing)
    const [requestId = '', keyId = '', expiresAt = ''] = words.toString().split(' ')
    return { requestId, keyId, expiresAt: new Date(expiresAt) }
  } catch (error) {
    if (error instanceof DecryptionFailed) return null
    throw error
  }
}
