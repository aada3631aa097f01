import { randomBytes } from 'node:crypto'
import { recordEvent } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import { limits } from '../model/limits.ts'
import { inTransaction } from '../transaction.ts'
import { tokenHash } from './read-token.ts'
import { seeingAll } from './seeing-all.ts'
import { type AdmittedAttempt, forgiveAttempt, type SignInAttempt } from './throttle.ts'

export type IssuedToken = { token: string; issuedAt: Date; expiresAt: Date }

/**
 * Makes an API token for a user whose password was just found right: 24 hours, for one project, stored as a hash.
 * Another password, suspending the user and changing the user's roles end it.
 *
 * @param ctx in the name of the user
 * @param attempt as the throttle admitted it; it is forgiven here, in the transaction of the token
 * @throws {KmsError} credentialsInvalid when the user was suspended or got another password meanwhile; projectNotFound
 */
export function makeToken(
  ctx: KmsContext,
  { projectId, email }: { projectId: string; email: string },
  attempt: SignInAttempt,
  admitted: AdmittedAttempt,
): Promise<IssuedToken> {
  return inTransaction(
    ctx,
    async (tx) => {
      const userId = ctx.actor.id
      // The user's row is locked from here on: who is suspended, or sets another password, does so before or after.
      if (tx.rights.kind !== 'user' || tx.rights.status !== 'active') throw new KmsError('credentialsInvalid')
      const project = await tx.sql.project.findFirst({ where: { accountId: ctx.accountId, id: projectId } })
      if (!project) throw new KmsError('projectNotFound')
      await seeingAll(tx, 'sign-in', async () => {
        const changed = await tx.sql.credential.count({ where: { userId, updatedAt: { gt: admitted.at } } })
        if (changed > 0) throw new KmsError('credentialsInvalid')
        await forgiveAttempt(tx.sql, attempt)
      })
      await tx.sql.accessToken.deleteMany({
        where: { accountId: ctx.accountId, userId, expiresAt: { lte: tx.now } },
      })
      const token = randomBytes(48).toString('base64url')
      const expiresAt = new Date(tx.now.getTime() + limits.tokenHours * 3_600_000)
      await tx.sql.accessToken.create({
        data: {
          tokenHash: tokenHash(token),
          accountId: ctx.accountId,
          userId,
          projectId,
          createdAt: tx.now,
          expiresAt,
        },
      })
      await recordEvent(tx, {
        action: 'createToken',
        outcome: 'done',
        resourceType: 'user',
        resourceId: userId,
        resourceName: email,
        projectId,
        details: { turnedAwayBefore: admitted.turnedAway },
      })
      return { token, issuedAt: tx.now, expiresAt }
    },
    { write: true },
  )
}
