import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import { RootKey } from './root-key.ts'

const base64 = /^[A-Za-z0-9+/]{43}=?$/

/**
 * Reads a root key written as base64 of 32 bytes; white space around it is ignored.
 *
 * @returns undefined for anything else. Node's own decoder would skip characters it does not know and so turn a
 * mistyped key into another key.
 */
export function parseRootKey(text: string): RootKey | undefined {
  const trimmed = text.trim()
  if (!base64.test(trimmed)) return undefined
  const bytes = Buffer.from(trimmed, 'base64')
  // The last character carries two bits that no byte uses: written differently, it is not what an encoder made.
  if (bytes.toString('base64').replace('=', '') !== trimmed.replace('=', '')) return undefined
  return new RootKey(KeyMaterial.take(bytes))
}

/** The form in which a root key is written to its file: base64 and a line end. */
export function formatRootKey(rootKey: RootKey): string {
  return `${rootKey.material.reveal().toString('base64')}\n`
}
