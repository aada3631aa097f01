import { KmsError } from '../model/errors.ts'
import { keySpecs } from '../model/key-spec.ts'
import { defaultAlgorithm } from './encryption-algorithm.ts'
import { sealWithKey } from './seal-with-key.ts'
import type { UsableKey } from './usable-key.ts'

/** 1,520 bits: what RSAES-OAEP with SHA-256 holds under 2,048 bits, and the limit of the product under any RSA key. */
const rsaBytesMax = 190

/**
 * Wraps a data key.
 *
 * @throws {KmsError} dataKeyTooLongForRsa (Huawei KMS, error code 1904)
 */
export function sealDataKey(key: UsableKey, dataKey: Uint8Array, additionalData: Uint8Array): Buffer {
  if (keySpecs[key.spec].kind === 'asymmetric' && dataKey.byteLength > rsaBytesMax) {
    throw new KmsError('dataKeyTooLongForRsa')
  }
  const sealing = { kind: 'data key', algorithm: defaultAlgorithm(key.spec), additionalData } as const
  return sealWithKey(key, sealing, dataKey, 'dataKeyTooLongForRsa')
}
