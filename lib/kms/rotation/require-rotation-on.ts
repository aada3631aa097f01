import type { LockedKey } from '../keys/lock-key.ts'
import { KmsError } from '../model/errors.ts'
import type { Tx } from '../transaction.ts'

/** Rotation that is on. */
export type EnabledRotation = { intervalDays: number; dueAt: Date }

/**
 * The setting of a key whose row the transaction has locked.
 *
 * @throws {KmsError} rotationNotEnabled
 */
export async function requireRotationOn(tx: Tx, key: LockedKey): Promise<EnabledRotation> {
  const rotation = await tx.sql.keyRotation.findUnique({
    where: { accountId_keyId: { accountId: tx.ctx.accountId, keyId: key.id } },
  })
  if (!rotation?.enabled || !rotation.dueAt) throw new KmsError('rotationNotEnabled')
  return { intervalDays: rotation.intervalDays, dueAt: rotation.dueAt }
}
