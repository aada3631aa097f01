import type { KmsContext } from '../context.ts'
import { type CreateDataKeyInput, makeDataKey } from './create-data-key.ts'

/**
 * Makes a data key and tells only its wrapped form (Huawei KMS, create-datakey-without-plaintext).
 *
 * @throws {KmsError} as `createDataKey`
 */
export async function createDataKeyWithoutPlaintext(
  ctx: KmsContext,
  input: CreateDataKeyInput,
): Promise<{ keyId: string; ciphertext: Buffer }> {
  const { keyId, plaintext, ciphertext } = await makeDataKey(ctx, 'createDataKeyWithoutPlaintext', input)
  plaintext.fill(0)
  return { keyId, ciphertext }
}
