import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import { encryptionAlgorithm } from './encryption-algorithm.ts'
import { sealWithKey } from './seal-with-key.ts'
import { withKey } from './with-key.ts'

export type EncryptDataInput = {
  projectId: string
  /** Id, alias or URN. */
  keyId: string
  /** 1 to 4,096 bytes; under an RSA key at most 190, 318 or 446 for 2,048, 3,072 or 4,096 bits. */
  plaintext: Uint8Array
  /** SYMMETRIC_DEFAULT unless named; RSA keys need RSAES_OAEP_SHA_256. */
  algorithm?: string | undefined
  /** Must be given again to decrypt. */
  additionalData?: Uint8Array | undefined
}

export const plaintextBytesMax = 4096

/**
 * Encrypts a small piece of data (Huawei KMS, encrypt-data).
 *
 * @throws {KmsError} plaintextInvalid; what `withKey` throws; algorithmNotForSymmetric, algorithmNotForRsa;
 *   plaintextTooLong for an RSA key
 */
export async function encryptData(
  ctx: KmsContext,
  input: EncryptDataInput,
): Promise<{ keyId: string; ciphertext: Buffer }> {
  const { projectId, keyId, plaintext, additionalData = new Uint8Array() } = input
  const { byteLength } = plaintext
  if (byteLength === 0 || byteLength > plaintextBytesMax) throw new KmsError('plaintextInvalid')
  return withKey(ctx, 'encryptData', { projectId, key: { keyId } }, (key) => {
    const algorithm = encryptionAlgorithm(key.spec, input.algorithm)
    const ciphertext = sealWithKey(key, { kind: 'data', algorithm, additionalData }, plaintext)
    return { keyId: key.id, ciphertext }
  })
}
