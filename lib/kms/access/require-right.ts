import { KmsError } from '../model/errors.ts'
import { type Action, can } from '../model/permissions.ts'
import type { Tx } from '../transaction.ts'

/**
 * Refuses unless the actor may do `action` in the project (null: in the account as a whole). Verbs call it before they
 * look at any state, so that a stranger learns nothing.
 *
 * @throws {KmsError} notPermitted
 */
export function requireRight(tx: Tx, action: Action, projectId: string | null): void {
  if (!can(tx.rights, action, { projectId })) throw new KmsError('notPermitted')
}
