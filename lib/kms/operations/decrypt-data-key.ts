import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import { dataKeyDigest } from './data-key-digest.ts'
import { defaultAlgorithm } from './encryption-algorithm.ts'
import { openWithKey } from './seal-with-key.ts'
import { withKey } from './with-key.ts'

export type DecryptDataKeyInput = {
  projectId: string
  /** Id, alias or URN: the key under which the data key was wrapped. */
  keyId: string
  ciphertext: Uint8Array
  /** Bytes the data key must have. */
  dataKeyLength: number
  additionalData?: Uint8Array | undefined
}

/**
 * Unwraps a data key, with the digest that encrypt-datakey takes (Huawei KMS, decrypt-datakey); never data.
 *
 * @throws {KmsError} what `withKey` throws; ciphertextInvalid for everything that cannot be opened, without a reason;
 *   dataKeyCipherLengthMismatch if it was opened and has another length (error code 2204)
 */
export async function decryptDataKey(
  ctx: KmsContext,
  input: DecryptDataKeyInput,
): Promise<{ keyId: string; dataKey: Buffer; digest: Buffer }> {
  const { projectId, keyId, ciphertext, dataKeyLength, additionalData = new Uint8Array() } = input
  return withKey(ctx, 'decryptDataKey', { projectId, key: { keyId } }, async (key) => {
    const sealing = { kind: 'data key', algorithm: defaultAlgorithm(key.spec), additionalData } as const
    const dataKey = await openWithKey(key, sealing, ciphertext)
    if (dataKey.byteLength !== dataKeyLength) throw new KmsError('dataKeyCipherLengthMismatch')
    return { keyId: key.id, dataKey, digest: dataKeyDigest(key.spec, dataKey) }
  })
}
