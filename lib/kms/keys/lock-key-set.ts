import { KmsError } from '../model/errors.ts'
import type { Tx } from '../transaction.ts'
import { notDue } from './key-row.ts'
import { type LockedKey, lockedKeyColumns, peekKey } from './lock-key.ts'

/** A key and all that share its material: a primary with its replicas, or a key alone. */
export type KeySet = {
  key: LockedKey
  /** Every key of the set, `key` among them, in the order of their ids. */
  keys: LockedKey[]
}

/**
 * Finds a key as `lockKey` does and locks it for change together with every key that shares its material, in the order
 * of their ids, as whoever changes several keys does.
 *
 * @throws {KmsError} keyIdInvalid, keyNotFound
 */
export async function lockKeySet(tx: Tx, projectId: string, reference: string): Promise<KeySet> {
  const found = await peekKey(tx, projectId, reference)
  await lockKeysOf(tx, found.material_set_id)
  // Again: a replica may have been made while the first statement waited; with the primary locked there comes no more.
  const keys = await lockKeysOf(tx, found.material_set_id)
  const key = keys.find(({ id }) => id === found.id)
  if (!key) throw new KmsError('keyNotFound')
  return { key, keys }
}

function lockKeysOf(tx: Tx, setId: string): Promise<LockedKey[]> {
  return tx.sql.$queryRaw<LockedKey[]>`
    SELECT ${lockedKeyColumns} FROM key k JOIN project p ON p.account_id = k.account_id AND p.id = k.project_id
    WHERE k.account_id = ${tx.ctx.accountId}::uuid AND k.material_set_id = ${setId}::uuid AND ${notDue(tx.now)}
    ORDER BY k.id FOR UPDATE OF k`
}
