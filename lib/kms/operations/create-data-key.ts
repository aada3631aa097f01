import { randomBytes } from 'node:crypto'
import type { KmsContext } from '../context.ts'
import { dataKeyBytes } from './data-key-length.ts'
import { sealDataKey } from './seal-data-key.ts'
import { withKey } from './with-key.ts'

export type CreateDataKeyInput = {
  projectId: string
  /** Id, alias or URN. */
  keyId: string
  /** AES_256, AES_128, SM4, HMAC_256, HMAC_384, HMAC_512 or HMAC_SM3. */
  keySpec?: string | undefined
  /** Bits: 8 to 8,192, a multiple of 8; wins over `keySpec`. Neither: 256. */
  length?: number | undefined
  additionalData?: Uint8Array | undefined
}

/**
 * Makes a data key and wraps it (Huawei KMS, create-datakey). Keystead keeps neither form.
 *
 * @throws {KmsError} dataKeyLengthInvalid, dataKeyLengthUneven, dataKeySpecInvalid; what `withKey` throws;
 *   dataKeyTooLongForRsa
 */
export function createDataKey(
  ctx: KmsContext,
  input: CreateDataKeyInput,
): Promise<{ keyId: string; plaintext: Buffer; ciphertext: Buffer }> {
  return makeDataKey(ctx, 'createDataKey', input)
}

/** The two forms of the operation differ in the right they need and in what they tell. */
export async function makeDataKey(
  ctx: KmsContext,
  use: 'createDataKey' | 'createDataKeyWithoutPlaintext',
  input: CreateDataKeyInput,
): Promise<{ keyId: string; plaintext: Buffer; ciphertext: Buffer }> {
  const { projectId, keyId, additionalData = new Uint8Array() } = input
  const length = dataKeyBytes(input.keySpec, input.length)
  return withKey(ctx, use, { projectId, key: { keyId } }, (key) => {
    const plaintext = randomBytes(length)
    return { keyId: key.id, plaintext, ciphertext: sealDataKey(key, plaintext, additionalData) }
  })
}
