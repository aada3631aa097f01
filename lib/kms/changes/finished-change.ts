import type { Change } from '#lib/db/generated/client.ts'
import { KmsError } from '../model/errors.ts'
import type { Tx } from '../transaction.ts'
import { requireOwn } from './require-own.ts'

/**
 * A finished change of the caller's own.
 *
 * @throws {KmsError} changeNotFound, also while it is not finished; changeNotYours
 */
export async function finishedChange(tx: Tx, changeId: string): Promise<Change> {
  const { accountId } = tx.ctx
  const change = await tx.sql.change.findUnique({ where: { accountId_id: { accountId, id: changeId } } })
  if (!change || !['done', 'stopped'].includes(change.status)) throw new KmsError('changeNotFound')
  requireOwn(tx, change)
  return change
}
