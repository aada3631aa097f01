import { attempted } from '../audit/attempted.ts'
import { recordEvent } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import type { OneUserInput } from '../model/inputs/user.ts'
import { inTransaction } from '../transaction.ts'
import { beginUserChange, lockUser } from './users-lock.ts'

/**
 * Lets a suspended user in again, with the roles and the password of before.
 *
 * @throws {KmsError} notPermitted, userNotFound
 */
export function resumeUser(ctx: KmsContext, { userId }: OneUserInput): Promise<void> {
  const attempt = { action: 'resumeUser', resourceType: 'user', resourceId: userId } as const
  return attempted(ctx, attempt, () =>
    inTransaction(
      ctx,
      async (tx) => {
        await beginUserChange(tx)
        const { email, status } = await lockUser(tx, userId)
        if (status === 'active') return
        await tx.sql.user.update({
          where: { accountId_id: { accountId: ctx.accountId, id: userId } },
          data: { status: 'active', updatedAt: tx.now },
        })
        await recordEvent(tx, { ...attempt, outcome: 'done', resourceName: email })
      },
      { write: true },
    ),
  )
}
