import { randomUUID } from 'node:crypto'
import { sqlState } from '#lib/db/sql-state.ts'
import { KmsError } from '../model/errors.ts'
import type { RoleAssignment } from '../model/permissions.ts'
import type { Tx } from '../transaction.ts'

/**
 * Gives a user exactly these roles.
 *
 * @throws {KmsError} projectNotFound for a project that is not of the account
 */
export async function assignRoles(tx: Tx, userId: string, roles: readonly RoleAssignment[]): Promise<void> {
  const { accountId } = tx.ctx
  const distinct = new Map(roles.map((one) => [`${one.role} ${one.projectId}`, one]))
  await tx.sql.roleAssignment.deleteMany({ where: { accountId, userId } })
  try {
    await tx.sql.roleAssignment.createMany({
      data: [...distinct.values()].map(({ role, projectId }) => ({
        accountId,
        id: randomUUID(),
        userId,
        role,
        projectId,
        createdAt: tx.now,
      })),
    })
  } catch (error) {
    throw sqlState(error) === '23503' ? new KmsError('projectNotFound', { field: 'roles' }) : error
  }
}

/** The roles in one line, for an event. */
export function rolesText(roles: readonly RoleAssignment[]): string {
  return roles
    .map(({ role, projectId }) => (projectId === null ? role : `${role} in ${projectId}`))
    .sort()
    .join(', ')
}
