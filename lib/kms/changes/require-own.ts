import { KmsError } from '../model/errors.ts'
import { can } from '../model/permissions.ts'
import type { Tx } from '../transaction.ts'

/**
 * Refuses to go on with a change that is not the caller's own.
 *
 * @throws {KmsError} changeNotYours; changeNotFound when the caller may not list the keys of its project
 */
export function requireOwn(tx: Tx, change: { authorId: string; projectId: string }): void {
  if (change.authorId === tx.ctx.actor.id) return
  const { projectId } = change
  throw new KmsError(can(tx.rights, 'kms:cmk:list', { projectId }) ? 'changeNotYours' : 'changeNotFound')
}
