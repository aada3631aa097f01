import type { KmsContext } from '../context.ts'
import { verifyDigest } from '../crypto/digest-signature.ts'
import { verifyMessage } from '../crypto/message-signature.ts'
import { checkSigning, requireMessage, type SigningInput } from './signing-input.ts'
import { withKey } from './with-key.ts'

/**
 * Whether a signature is the key's (Huawei KMS, verify). One that is not, of whatever length and form, is an answer
 * and not an error.
 *
 * @throws {KmsError} invalidInput for the length of the message; what `withKey` throws; algorithmNotForKey;
 *   digestLengthInvalid
 */
export async function verify(
  ctx: KmsContext,
  input: SigningInput & { signature: Uint8Array },
): Promise<{ keyId: string; valid: boolean }> {
  const { projectId, keyId, message, signature } = input
  requireMessage(message)
  return withKey(ctx, 'verify', { projectId, key: { keyId } }, async (key) => {
    const { messageType, algorithm } = checkSigning(key.spec, input)
    const publicKey = key.material.publicKey()
    const valid =
      messageType === 'DIGEST'
        ? await verifyDigest(algorithm, publicKey, message, signature)
        : await verifyMessage(algorithm, publicKey, message, signature)
    return { keyId: key.id, valid }
  })
}
