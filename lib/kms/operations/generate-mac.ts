import type { KmsContext } from '../context.ts'
import { messageCode } from '../crypto/message-code.ts'
import { type MacInput, macHash, macMessageBytesMax } from './mac-input.ts'
import { requireMessage } from './signing-input.ts'
import { withKey } from './with-key.ts'

/**
 * The authentication code of a message (Huawei KMS, generate-mac).
 *
 * @throws {KmsError} invalidInput for the length of the message; what `withKey` throws; algorithmNotForKey
 */
export async function generateMac(
  ctx: KmsContext,
  input: MacInput,
): Promise<{ keyId: string; algorithm: string; mac: Buffer }> {
  const { projectId, keyId, algorithm, message } = input
  requireMessage(message, macMessageBytesMax)
  return withKey(ctx, 'generateMac', { projectId, key: { keyId } }, (key) => {
    const hash = macHash(key.spec, algorithm)
    return { keyId: key.id, algorithm, mac: messageCode(hash, key.material.macKey(), message) }
  })
}
