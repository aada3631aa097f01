import type { KmsContext } from '../context.ts'
import { publicKeyOf } from '../crypto/private-key.ts'
import { withKey } from '../operations/with-key.ts'

/**
 * The public key of an Enabled asymmetric key, as SubjectPublicKeyInfo DER (Huawei KMS, get-publickey). It is derived
 * from the sealed private key each time.
 *
 * @throws {KmsError} what `withKey` throws: notForSymmetric and notForHmac among it
 */
export async function getPublicKey(
  ctx: KmsContext,
  { projectId, keyId }: { projectId: string; keyId: string },
): Promise<{ keyId: string; publicKey: Buffer }> {
  return withKey(ctx, 'getPublicKey', { projectId, key: { keyId } }, (key) => {
    const publicKey = publicKeyOf(key.material(key.currentVersion))
    return { keyId: key.id, publicKey: publicKey.export({ type: 'spki', format: 'der' }) }
  })
}
