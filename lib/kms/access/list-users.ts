import type { KmsContext } from '../context.ts'
import { isRole, type RoleAssignment } from '../model/permissions.ts'
import { inTransaction } from '../transaction.ts'
import { requireRight } from './require-right.ts'

export type UserView = {
  id: string
  name: string
  email: string
  status: 'active' | 'suspended'
  roles: RoleAssignment[]
  /** ISO 8601, UTC. */
  createdAt: string
}

/**
 * The users of the account, by email.
 *
 * @throws {KmsError} notPermitted
 */
export function listUsers(ctx: KmsContext): Promise<UserView[]> {
  return inTransaction(ctx, async (tx) => {
    requireRight(tx, 'kms:user:manage', null)
    const users = await tx.sql.user.findMany({
      where: { accountId: ctx.accountId },
      orderBy: { email: 'asc' },
      include: { roleAssignments: { orderBy: [{ role: 'asc' }, { projectId: 'asc' }] } },
    })
    return users.map(({ id, name, email, status, createdAt, roleAssignments }) => ({
      id,
      name,
      email,
      status: status === 'active' ? 'active' : 'suspended',
      roles: roleAssignments.flatMap(({ role, projectId }) => (isRole(role) ? [{ role, projectId }] : [])),
      createdAt: createdAt.toISOString(),
    }))
  })
}
