import { attempted } from '../audit/attempted.ts'
import { recordEvent } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import { awaitOpenInvalidations, openInvalidation } from '../invalidations/open-invalidation.ts'
import { KmsError } from '../model/errors.ts'
import { inTransaction } from '../transaction.ts'
import { beginUserChange, lockUser } from './users-lock.ts'

/**
 * Deletes an access key of a user: no signature made with it is accepted any more.
 *
 * @throws {KmsError} notPermitted, userNotFound, accessKeyNotFound; unconfirmed: saved, but an instance may not know of
 *   it yet
 */
export function deleteAccessKey(
  ctx: KmsContext,
  { userId, accessKeyId }: { userId: string; accessKeyId: string },
): Promise<void> {
  const attempt = { action: 'deleteAccessKey', resourceType: 'user', resourceId: userId } as const
  return attempted(ctx, attempt, () =>
    inTransaction(
      ctx,
      async (tx) => {
        await beginUserChange(tx)
        const { email } = await lockUser(tx, userId)
        const { count } = await tx.sql.accessKey.deleteMany({
          where: { accountId: ctx.accountId, userId, id: accessKeyId },
        })
        if (count === 0) {
          await awaitOpenInvalidations(tx, 'access-key', accessKeyId)
          throw new KmsError('accessKeyNotFound')
        }
        await openInvalidation(tx, 'access-key', accessKeyId)
        await recordEvent(tx, {
          ...attempt,
          outcome: 'done',
          resourceName: email,
          details: { accessKey: accessKeyId },
        })
      },
      { write: true },
    ),
  )
}
