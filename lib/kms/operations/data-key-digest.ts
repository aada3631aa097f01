import { createHash } from 'node:crypto'
import type { KeySpec } from '../model/key-spec.ts'

/** Length of the digest that travels with a data key, in bytes. */
export const dataKeyDigestBytes = 32

/**
 * The digest by which a caller and Keystead check that they mean the same data key: SM3 under an SM4 key, SHA-256 under
 * every other (Huawei KMS, encrypt-datakey).
 */
export function dataKeyDigest(spec: KeySpec, dataKey: Uint8Array): Buffer {
  return createHash(spec === 'SM4' ? 'sm3' : 'sha256')
    .update(dataKey)
    .digest()
}
