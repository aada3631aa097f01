import { attempted } from '../audit/attempted.ts'
import { recordEvent } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import type { OneUserInput } from '../model/inputs/user.ts'
import { inTransaction } from '../transaction.ts'
import { type IssuedLink, issueLink } from './issue-link.ts'
import { beginUserChange, lockUser } from './users-lock.ts'

/**
 * Makes a one-time link with which a user sets a new password; the old password holds until then, older links do not.
 *
 * @throws {KmsError} notPermitted, userNotFound, userSuspended
 */
export function makeLink(ctx: KmsContext, { userId }: OneUserInput): Promise<IssuedLink> {
  const attempt = { action: 'makeUserLink', resourceType: 'user', resourceId: userId } as const
  return attempted(ctx, attempt, () =>
    inTransaction(
      ctx,
      async (tx) => {
        await beginUserChange(tx)
        const { email, status } = await lockUser(tx, userId)
        if (status !== 'active') throw new KmsError('userSuspended')
        const link = await issueLink(tx.sql, tx.now, { accountId: ctx.accountId, userId })
        await recordEvent(tx, { ...attempt, outcome: 'done', resourceName: email })
        return link
      },
      { write: true },
    ),
  )
}
