import { randomInt } from 'node:crypto'
import { attempted } from '../audit/attempted.ts'
import { recordEvent } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import { limits } from '../model/limits.ts'
import { inTransaction } from '../transaction.ts'
import { type AccessKeyPair, storeAccessKey } from './create-administrator.ts'
import { beginUserChange, lockUser } from './users-lock.ts'

/**
 * Makes an access key for a user, with which programs sign requests on the user's behalf. A user has at most two, so
 * that one can take over from the other. The secret is told only here: it is kept sealed.
 *
 * @throws {KmsError} notPermitted, userNotFound, userSuspended, accessKeysTooMany (with the ids of those there are)
 */
export function makeAccessKey(ctx: KmsContext, { userId }: { userId: string }): Promise<AccessKeyPair> {
  const attempt = { action: 'createAccessKey', resourceType: 'user', resourceId: userId } as const
  return attempted(ctx, attempt, () =>
    inTransaction(
      ctx,
      async (tx) => {
        await beginUserChange(tx)
        const { email, status } = await lockUser(tx, userId)
        if (status !== 'active') throw new KmsError('userSuspended')
        const { accountId } = ctx
        const held = await tx.sql.accessKey.findMany({
          where: { accountId, userId },
          orderBy: { createdAt: 'asc' },
        })
        if (held.length >= limits.accessKeysPerUserMax) {
          throw new KmsError('accessKeysTooMany', { values: { ids: held.map(({ id }) => id).join(', ') } })
        }
        const pair = { id: randomText(20), secret: randomText(40) }
        await storeAccessKey(tx.sql, ctx.rootKey, tx.now, { accountId, userId }, pair)
        await recordEvent(tx, {
          ...attempt,
          outcome: 'done',
          resourceName: email,
          details: { accessKey: pair.id },
        })
        return pair
      },
      { write: true },
    ),
  )
}

/** Upper-case letters and digits, as the ids and secrets of the product look; 5.17 bits each. */
const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

const randomText = (length: number): string =>
  Array.from({ length }, () => characters[randomInt(characters.length)]).join('')
