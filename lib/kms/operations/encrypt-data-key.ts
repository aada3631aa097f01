import { timingSafeEqual } from 'node:crypto'
import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import type { KeySpec } from '../model/key-spec.ts'
import { dataKeyDigest, dataKeyDigestBytes } from './data-key-digest.ts'
import { sealDataKey } from './seal-data-key.ts'
import { withKey } from './with-key.ts'

export type EncryptDataKeyInput = {
  projectId: string
  /** Id, alias or URN. */
  keyId: string
  /** The data key and after it its digest, 32 bytes: SHA-256, or SM3 under an SM4 key. */
  plaintext: Uint8Array
  /** Bytes of the data key alone, 1 to 1,024. */
  dataKeyLength: number
  additionalData?: Uint8Array | undefined
}

const dataKeyBytesMax = 1024

/**
 * Wraps a data key that the caller has (Huawei KMS, encrypt-datakey).
 *
 * @throws {KmsError} dataKeyPlaintextInvalid, dataKeyLengthMismatch; what `withKey` throws; dataKeyDigestMismatch;
 *   dataKeyTooLongForRsa (error codes 2102, 2104, 2103, 1904)
 */
export async function encryptDataKey(
  ctx: KmsContext,
  input: EncryptDataKeyInput,
): Promise<{ keyId: string; ciphertext: Buffer; dataKeyLength: number }> {
  const { projectId, keyId, plaintext, dataKeyLength, additionalData = new Uint8Array() } = input
  const length = plaintext.byteLength - dataKeyDigestBytes
  if (length < 1 || length > dataKeyBytesMax) throw new KmsError('dataKeyPlaintextInvalid')
  if (dataKeyLength !== length) throw new KmsError('dataKeyLengthMismatch')
  return withKey(ctx, 'encryptDataKey', { projectId, key: { keyId } }, (key) => {
    const dataKey = plaintext.subarray(0, length)
    requireDigest(key.spec, dataKey, plaintext.subarray(length))
    return { keyId: key.id, ciphertext: sealDataKey(key, dataKey, additionalData), dataKeyLength }
  })
}

function requireDigest(spec: KeySpec, dataKey: Uint8Array, digest: Uint8Array): void {
  if (!timingSafeEqual(dataKeyDigest(spec, dataKey), digest)) throw new KmsError('dataKeyDigestMismatch')
}
