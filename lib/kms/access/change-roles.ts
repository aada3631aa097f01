import { attempted } from '../audit/attempted.ts'
import { recordEvent } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import type { ChangeRolesInput } from '../model/inputs/user.ts'
import { inTransaction } from '../transaction.ts'
import { assignRoles, rolesText } from './assign-roles.ts'
import { endTokens } from './end-tokens.ts'
import { closeUserInvalidations, invalidateUser } from './invalidate-user.ts'
import { beginUserChange, lockUser, requireAdministrator } from './users-lock.ts'

/**
 * Replaces the roles of a user. They hold from the user's next request on; the user stays signed in,
 * but API tokens end.
 *
 * @throws {KmsError} notPermitted, userNotFound, projectNotFound, lastAdministrator
 */
export function changeRoles(ctx: KmsContext, { userId, roles }: ChangeRolesInput): Promise<void> {
  const attempt = { action: 'changeUserRoles', resourceType: 'user', resourceId: userId } as const
  return attempted(ctx, attempt, async () => {
    await inTransaction(
      ctx,
      async (tx) => {
        await beginUserChange(tx)
        const { email } = await lockUser(tx, userId)
        await assignRoles(tx, userId, roles)
        await requireAdministrator(tx)
        await endTokens(tx.sql, userId)
        await invalidateUser(tx, userId)
        await recordEvent(tx, {
          ...attempt,
          outcome: 'done',
          resourceName: email,
          details: { roles: rolesText(roles) },
        })
      },
      { write: true },
    )
    await closeUserInvalidations(ctx, userId)
  })
}
