import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import { ciphertextHeader } from './ciphertext-header.ts'
import { encryptionAlgorithm, symmetricDefault } from './encryption-algorithm.ts'
import { openWithKey } from './seal-with-key.ts'
import { withKey } from './with-key.ts'

export type DecryptDataInput = {
  projectId: string
  ciphertext: Uint8Array
  /** Needed for an asymmetric algorithm; otherwise the ciphertext names its key, and this must be the same one. */
  keyId?: string | undefined
  /** SYMMETRIC_DEFAULT unless named. */
  algorithm?: string | undefined
  additionalData?: Uint8Array | undefined
}

/**
 * Decrypts what encrypt-data made, and the private key of a data key pair, which needs the right to decrypt data keys;
 * never a data key (Huawei KMS, decrypt-data).
 *
 * @returns the id of the key as it is called in the project: a replica's when a replica opened it
 * @throws {KmsError} parameterMissing (key_id); what `withKey` throws; algorithmNotForSymmetric, algorithmNotForRsa;
 *   ciphertextInvalid for everything that cannot be opened, without a reason
 */
export async function decryptData(
  ctx: KmsContext,
  input: DecryptDataInput,
): Promise<{ keyId: string; plaintext: Buffer }> {
  const { projectId, ciphertext, additionalData = new Uint8Array() } = input
  const symmetric = (input.algorithm ?? symmetricDefault) === symmetricDefault
  if (!symmetric && input.keyId === undefined) {
    throw new KmsError('parameterMissing', { field: 'key_id', values: { parameter: 'key_id' } })
  }
  const header = ciphertextHeader(ciphertext)
  const kind = symmetric && header.kind === 'data key pair' ? 'data key pair' : 'data'
  const use = kind === 'data key pair' ? 'decryptDataKey' : 'decryptData'
  const named = input.keyId === undefined ? { setId: header.setId } : { keyId: input.keyId }
  return withKey(ctx, use, { projectId, key: named }, async (key) => {
    const algorithm = encryptionAlgorithm(key.spec, input.algorithm)
    const plaintext = await openWithKey(key, { kind, algorithm, additionalData }, ciphertext)
    return { keyId: key.id, plaintext }
  })
}
