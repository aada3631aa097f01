import type { KmsContext } from '../context.ts'
import { withKey } from '../operations/with-key.ts'

/**
 * The public key of an Enabled asymmetric key, as SubjectPublicKeyInfo DER (Huawei KMS, get-publickey). It is derived
 * from the sealed private key.
 *
 * @throws {KmsError} what `withKey` throws: notForSymmetric and notForHmac among it
 */
export async function getPublicKey(
  ctx: KmsContext,
  { projectId, keyId }: { projectId: string; keyId: string },
): Promise<{ keyId: string; publicKey: Buffer }> {
  return withKey(ctx, 'getPublicKey', { projectId, key: { keyId } }, (key) => {
    const publicKey = key.material.publicKey()
    return { keyId: key.id, publicKey: publicKey.export({ type: 'spki', format: 'der' }) }
  })
}
