import { attempted } from '../audit/attempted.ts'
import { recordEvent } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import { openInvalidation } from '../invalidations/open-invalidation.ts'
import type { ChangeRolesInput } from '../model/inputs/user.ts'
import { inTransaction } from '../transaction.ts'
import { assignRoles, rolesText } from './assign-roles.ts'
import { endTokens } from './end-tokens.ts'
import { beginUserChange, lockUser, requireAdministrator } from './users-lock.ts'

/**
 * Replaces the roles of a user. They hold from the user's next request on; the user stays signed in,
 * but API tokens end.
 *
 * @throws {KmsError} notPermitted, userNotFound, projectNotFound, lastAdministrator; unconfirmed: saved, but an
 *   instance may not know of it yet
 */
export function changeRoles(ctx: KmsContext, { userId, roles }: ChangeRolesInput): Promise<void> {
  const attempt = { action: 'changeUserRoles', resourceType: 'user', resourceId: userId } as const
  return attempted(ctx, attempt, () =>
    inTransaction(
      ctx,
      async (tx) => {
        await beginUserChange(tx)
        const { email } = await lockUser(tx, userId)
        await assignRoles(tx, userId, roles)
        await requireAdministrator(tx)
        await endTokens(tx.sql, userId)
        // The user holds tokens too, which end here.
        await openInvalidation(tx, 'user', userId)
        await openInvalidation(tx, 'policy', userId)
        await recordEvent(tx, {
          ...attempt,
          outcome: 'done',
          resourceName: email,
          details: { roles: rolesText(roles) },
        })
      },
      { write: true },
    ),
  )
}
