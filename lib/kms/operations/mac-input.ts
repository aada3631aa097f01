import type { MacHash } from '../crypto/message-code.ts'
import { KmsError } from '../model/errors.ts'
import { algorithmsOf, type KeySpec, materialShape } from '../model/key-spec.ts'

export type MacInput = {
  projectId: string
  /** Id, alias or URN. */
  keyId: string
  /** HMAC_SHA_256, _384, _512 or HMAC_SM3: the one of the key's spec. */
  algorithm: string
  /** 1 to 4,096 bytes. */
  message: Uint8Array
}

export const macMessageBytesMax = 4096

/**
 * The hash of an algorithm that fits the key.
 *
 * @throws {KmsError} algorithmNotForKey
 */
export function macHash(spec: KeySpec, algorithm: string): MacHash {
  const shape = materialShape(spec)
  if (!algorithmsOf(spec, 'GENERATE_VERIFY_MAC').includes(algorithm) || !('hash' in shape)) {
    throw new KmsError('algorithmNotForKey', { field: 'mac_algorithm' })
  }
  return shape.hash
}
