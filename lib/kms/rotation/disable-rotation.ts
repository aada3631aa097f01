import type { KmsContext } from '../context.ts'
import { changeKey, type KeyInProject } from '../keys/change-key.ts'
import { requireAutomatic } from './require-rotatable.ts'
import { requireRotationOn } from './require-rotation-on.ts'

/**
 * Turns automatic rotation off; every version there is goes on opening what it sealed (Huawei KMS, disable key rotation).
 *
 * @throws {KmsError} what `changeKey` throws; notPrimaryRegion, asymmetricCannotRotate, notForAsymmetric,
 *   rotationNotSupported, externalKeyCannotRotate, keyDisabled, keyPendingDeletion, rotationNotEnabled
 */
export function disableRotation(ctx: KmsContext, input: KeyInProject): Promise<{ keyId: string }> {
  const verb = { action: 'kms:cmk:disableRotation', event: 'disableKeyRotation' } as const
  return changeKey(ctx, input, verb, async (tx, key) => {
    requireAutomatic(key)
    await requireRotationOn(tx, key)
    await tx.sql.keyRotation.update({
      where: { accountId_keyId: { accountId: ctx.accountId, keyId: key.id } },
      data: { enabled: false, dueAt: null },
    })
    return { result: { keyId: key.id } }
  })
}
