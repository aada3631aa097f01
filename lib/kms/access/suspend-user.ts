import { attempted } from '../audit/attempted.ts'
import { recordEvent } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import { awaitOpenInvalidations, openInvalidation } from '../invalidations/open-invalidation.ts'
import type { OneUserInput } from '../model/inputs/user.ts'
import { inTransaction } from '../transaction.ts'
import { endSessions } from './end-sessions.ts'
import { seeingAll } from './seeing-all.ts'
import { beginUserChange, lockUser, requireAdministrator } from './users-lock.ts'

/**
 * Shuts a user out at once: every session ends, links are void, access keys stop. What the user was writing when this
 * began is finished first; roles are kept for resuming.
 *
 * @throws {KmsError} notPermitted, userNotFound, lastAdministrator; unconfirmed: saved, but an instance may not know of
 *   it yet
 */
export function suspendUser(ctx: KmsContext, { userId }: OneUserInput): Promise<void> {
  const attempt = { action: 'suspendUser', resourceType: 'user', resourceId: userId } as const
  return attempted(ctx, attempt, () =>
    inTransaction(
      ctx,
      async (tx) => {
        await beginUserChange(tx)
        const { email, status } = await lockUser(tx, userId)
        if (status === 'suspended') return awaitOpenInvalidations(tx, 'user', userId)
        const { accountId } = ctx
        await tx.sql.user.update({
          where: { accountId_id: { accountId, id: userId } },
          data: { status: 'suspended', updatedAt: tx.now },
        })
        await requireAdministrator(tx)
        await tx.sql.link.deleteMany({ where: { accountId, userId } })
        await seeingAll(tx, 'administration', () => endSessions(tx.sql, userId))
        await openInvalidation(tx, 'user', userId)
        await recordEvent(tx, { ...attempt, outcome: 'done', resourceName: email })
      },
      { write: true },
    ),
  )
}
