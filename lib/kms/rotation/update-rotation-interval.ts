import type { KmsContext } from '../context.ts'
import { changeKey, type KeyInProject } from '../keys/change-key.ts'
import { KmsError } from '../model/errors.ts'
import { dayMilliseconds, limits } from '../model/limits.ts'
import { requireAutomatic } from './require-rotatable.ts'
import { requireRotationOn } from './require-rotation-on.ts'

/**
 * Changes how often a key is rotated. The interval counts from where the present one began: the last rotation, or when
 * rotation was turned on; a key that is overdue by the new one is rotated soon (Huawei KMS, update the rotation interval).
 *
 * @param input.intervalDays 30 to 365
 * @throws {KmsError} what `changeKey` throws; rotationIntervalInvalid, notPrimaryRegion, asymmetricCannotRotate,
 *   notForAsymmetric, rotationNotSupported, externalKeyCannotRotate, keyDisabled, keyPendingDeletion, rotationNotEnabled
 */
export function updateRotationInterval(
  ctx: KmsContext,
  input: KeyInProject & { intervalDays: number },
): Promise<{ keyId: string }> {
  const verb = { action: 'kms:cmk:updateRotation', event: 'updateKeyRotationInterval' } as const
  const { intervalDays } = input
  return changeKey(ctx, input, verb, async (tx, key) => {
    if (!isInterval(intervalDays))
      throw new KmsError('rotationIntervalInvalid', { field: 'rotation_interval' })
    requireAutomatic(key)
    const before = await requireRotationOn(tx, key)
    const dueAt = new Date(before.dueAt.getTime() + (intervalDays - before.intervalDays) * dayMilliseconds)
    await tx.sql.keyRotation.update({
      where: { accountId_keyId: { accountId: ctx.accountId, keyId: key.id } },
      data: { intervalDays, dueAt },
    })
    const details = { from: before.intervalDays, to: intervalDays, dueAt: dueAt.toISOString() }
    return { result: { keyId: key.id }, details }
  })
}

const isInterval = (days: number): boolean =>
  Number.isInteger(days) && days >= limits.rotationDaysMin && days <= limits.rotationDaysMax
