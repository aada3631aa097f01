import type { KmsContext } from '../context.ts'
import { signDigest } from '../crypto/digest-signature.ts'
import { signMessage } from '../crypto/message-signature.ts'
import { checkSigning, requireMessage, type SigningInput } from './signing-input.ts'
import { withKey } from './with-key.ts'

/**
 * Signs a message, or a digest as it is (Huawei KMS, sign).
 *
 * @returns the signature: DER for ECDSA, as long as the modulus for RSA, as the scheme defines it otherwise
 * @throws {KmsError} invalidInput for the length of the message; what `withKey` throws; algorithmNotForKey;
 *   digestLengthInvalid
 */
export async function sign(
  ctx: KmsContext,
  input: SigningInput,
): Promise<{ keyId: string; signature: Buffer }> {
  const { projectId, keyId, message } = input
  requireMessage(message)
  return withKey(ctx, 'sign', { projectId, key: { keyId } }, async (key) => {
    const { messageType, algorithm } = checkSigning(key.spec, input)
    const privateKey = key.material.privateKey()
    const signature =
      messageType === 'DIGEST'
        ? await signDigest(algorithm, privateKey, message)
        : await signMessage(algorithm, privateKey, message)
    return { keyId: key.id, signature }
  })
}
