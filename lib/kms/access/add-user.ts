import { randomUUID } from 'node:crypto'
import { sqlState } from '#lib/db/sql-state.ts'
import { attempted } from '../audit/attempted.ts'
import { recordEvent } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import type { AddUserInput } from '../model/inputs/user.ts'
import { inTransaction } from '../transaction.ts'
import { assignRoles, rolesText } from './assign-roles.ts'
import { type IssuedLink, issueLink } from './issue-link.ts'
import { nameOf } from './name-of.ts'
import { beginUserChange } from './users-lock.ts'

/**
 * Adds a user who may sign in once a password was set through the link that is returned.
 *
 * @param input.name shown in the console and the events; the part of the email before the @ when left out
 * @throws {KmsError} notPermitted, emailTaken, projectNotFound
 */
export function addUser(ctx: KmsContext, input: AddUserInput): Promise<{ userId: string; link: IssuedLink }> {
  return attempted(ctx, { action: 'addUser', resourceType: 'user', resourceName: input.email }, () =>
    inTransaction(
      ctx,
      async (tx) => {
        await beginUserChange(tx)
        const userId = randomUUID()
        const { accountId } = ctx
        await tx.sql.user
          .create({
            data: {
              id: userId,
              accountId,
              email: input.email,
              name: input.name ?? nameOf(input.email),
              createdAt: tx.now,
              updatedAt: tx.now,
            },
          })
          .catch((error: unknown) => {
            // Emails are unique in the installation: this also hides in which account the other user is.
            throw sqlState(error) === '23505' ? new KmsError('emailTaken', { field: 'email' }) : error
          })
        await assignRoles(tx, userId, input.roles)
        const link = await issueLink(tx.sql, tx.now, { accountId, userId })
        await recordEvent(tx, {
          action: 'addUser',
          outcome: 'done',
          resourceType: 'user',
          resourceId: userId,
          resourceName: input.email,
          details: { roles: rolesText(input.roles) },
        })
        return { userId, link }
      },
      { write: true },
    ),
  )
}
