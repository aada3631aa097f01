import type { KmsContext } from '../context.ts'
import { changeKey, type KeyInProject } from '../keys/change-key.ts'
import { KmsError } from '../model/errors.ts'
import { dayMilliseconds, limits } from '../model/limits.ts'
import { requireAutomatic } from './require-rotatable.ts'

/**
 * Turns automatic rotation on, every 365 days from now (Huawei KMS, enable key rotation).
 *
 * @throws {KmsError} what `changeKey` throws; notPrimaryRegion, asymmetricCannotRotate, notForAsymmetric,
 *   rotationNotSupported, externalKeyCannotRotate, keyDisabled, keyPendingDeletion, rotationAlreadyEnabled
 */
export function enableRotation(ctx: KmsContext, input: KeyInProject): Promise<{ keyId: string }> {
  const verb = { action: 'kms:cmk:enableRotation', event: 'enableKeyRotation' } as const
  return changeKey(ctx, input, verb, async (tx, key) => {
    requireAutomatic(key)
    const at = { accountId: ctx.accountId, keyId: key.id }
    const rotation = await tx.sql.keyRotation.findUnique({ where: { accountId_keyId: at } })
    if (rotation?.enabled) throw new KmsError('rotationAlreadyEnabled')
    const intervalDays = limits.rotationDaysMax
    const dueAt = new Date(tx.now.getTime() + intervalDays * dayMilliseconds)
    const setting = { enabled: true, intervalDays, dueAt }
    await tx.sql.keyRotation.upsert({
      where: { accountId_keyId: at },
      create: { ...at, ...setting },
      update: setting,
    })
    return { result: { keyId: key.id }, details: { intervalDays, dueAt: dueAt.toISOString() } }
  })
}
