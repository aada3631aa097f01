import type { KmsContext } from '../context.ts'
import { isMessageCode } from '../crypto/message-code.ts'
import { type MacInput, macHash, macMessageBytesMax } from './mac-input.ts'
import { requireMessage } from './signing-input.ts'
import { withKey } from './with-key.ts'

/**
 * Whether an authentication code is the message's (Huawei KMS, verify-mac). One that is not, of whatever length, is an
 * answer and not an error.
 *
 * @throws {KmsError} invalidInput for the length of the message; what `withKey` throws; algorithmNotForKey
 */
export async function verifyMac(
  ctx: KmsContext,
  input: MacInput & { mac: Uint8Array },
): Promise<{ keyId: string; algorithm: string; valid: boolean }> {
  const { projectId, keyId, algorithm, message, mac } = input
  requireMessage(message, macMessageBytesMax)
  return withKey(ctx, 'verifyMac', { projectId, key: { keyId } }, (key) => {
    const hash = macHash(key.spec, algorithm)
    const valid = isMessageCode(hash, key.material.macKey(), message, mac)
    return { keyId: key.id, algorithm, valid }
  })
}
