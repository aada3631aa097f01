import { KmsError } from '../model/errors.ts'
import type { KeyView } from '../model/views.ts'
import type { Tx } from '../transaction.ts'
import { type KeyRow, keyColumns, keyJoins, notDue, toKeyView } from './key-row.ts'

/**
 * One key of the account, as the caller sees it.
 *
 * @throws {KmsError} keyNotFound
 */
export async function readKey(tx: Tx, keyId: string): Promise<KeyView> {
  const [row] = await tx.sql.$queryRaw<KeyRow[]>`
    SELECT ${keyColumns} FROM key k ${keyJoins}
    WHERE k.account_id = ${tx.ctx.accountId}::uuid AND k.id = ${keyId}::uuid AND ${notDue(tx.now)}`
  if (!row) throw new KmsError('keyNotFound')
  return toKeyView(row, tx.rights)
}
