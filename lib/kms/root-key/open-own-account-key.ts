import type { KeyMaterial } from '../crypto/key-material.ts'
import type { Tx } from '../transaction.ts'
import { openAccountKey } from './account-key.ts'

/** Opens the key of the transaction's account. The caller disposes of it. */
export async function openOwnAccountKey(tx: Tx): Promise<KeyMaterial> {
  const { accountId, rootKey } = tx.ctx
  const account = await tx.sql.account.findUniqueOrThrow({ where: { id: accountId } })
  return openAccountKey(rootKey, accountId, account.sealedKey)
}
