import { APIError } from 'better-auth/api'
import { recordRefusedSignIn } from '#lib/kms/access/record-refused-sign-in.ts'
import { seeingAll } from '#lib/kms/access/seeing-all.ts'
import {
  type AdmittedAttempt,
  admitAttempt,
  forgiveAttempt,
  type SignInAttempt,
} from '#lib/kms/access/throttle.ts'
import { recordEvent } from '#lib/kms/audit/record-events.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import type { SignInInput } from '#lib/kms/model/inputs/credentials.ts'
import { inSystemTransaction, inTransaction } from '#lib/kms/transaction.ts'
import { type OpenSession, openingSession } from './better-auth.ts'
import { sessionHeaders } from './read-session.ts'
import type { Service } from './service.ts'
import { sourceAddress, sourceAddressHeader } from './source-address.ts'

/**
 * Signs a user in: throttle, then password, then the session together with its event.
 *
 * An unknown email, a wrong password and a suspended user get the same answer after the same work.
 *
 * @param sent the headers of the request
 * @returns the `Set-Cookie` headers of the answer
 * @throws {KmsError} credentialsInvalid, tooManyAttempts
 */
export async function signIn(
  service: Service,
  sent: Headers,
  { email, password }: SignInInput,
  requestId: string,
): Promise<string[]> {
  const attempt = { email, address: sourceAddress(sent) }
  const admitted = await admitAttempt(service.db, attempt)
  const open = sessionOpener(service, attempt, admitted, requestId)
  try {
    const { headers } = await openingSession(open, () =>
      service.auth.api.signInEmail({
        body: { email, password },
        headers: callHeaders(sent),
        returnHeaders: true,
      }),
    )
    return headers.getSetCookie()
  } catch (error) {
    if (!isRefusal(error)) throw error
    await recordRefusedSignIn(service.db, service.rootKey, attempt, admitted, requestId)
    throw new KmsError('credentialsInvalid')
  }
}

/** Of what may fail, only this says that the credentials are wrong; anything else is a fault of ours. */
function isRefusal(error: unknown): boolean {
  if (error instanceof KmsError) return error.code === 'credentialsInvalid'
  return error instanceof APIError && (error.status === 'UNAUTHORIZED' || error.status === 'BAD_REQUEST')
}

function sessionOpener(
  { db, rootKey }: Service,
  attempt: SignInAttempt,
  admitted: AdmittedAttempt,
  requestId: string,
): OpenSession {
  return async (userId, insert) => {
    const user = await inSystemTransaction(db, 'sign-in', (sql) =>
      sql.user.findUniqueOrThrow({ where: { id: userId } }),
    )
    const ctx: KmsContext = {
      db,
      rootKey,
      accountId: user.accountId,
      actor: { kind: 'user', id: user.id, name: user.name },
      requestId,
      sourceAddress: attempt.address,
    }
    return inTransaction(
      ctx,
      async (tx) => {
        // The user's row is locked from here on: who is suspended, or sets another password, does so before or after.
        if (tx.rights.kind !== 'user' || tx.rights.status !== 'active')
          throw new KmsError('credentialsInvalid')
        const row = await seeingAll(tx, 'sign-in', async () => {
          const changed = await tx.sql.credential.count({ where: { userId, updatedAt: { gt: admitted.at } } })
          if (changed > 0) throw new KmsError('credentialsInvalid')
          await tx.sql.session.deleteMany({ where: { userId, expiresAt: { lte: tx.now } } })
          await forgiveAttempt(tx.sql, attempt)
          return insert(tx.sql)
        })
        await recordEvent(tx, {
          action: 'signIn',
          outcome: 'done',
          resourceType: 'user',
          resourceId: user.id,
          resourceName: user.email,
          details: { turnedAwayBefore: admitted.turnedAway },
        })
        return row
      },
      { write: true },
    )
  }
}

function callHeaders(sent: Headers): Headers {
  const headers = sessionHeaders(sent)
  headers.delete('cookie')
  const address = sourceAddress(sent)
  if (address) headers.set(sourceAddressHeader, address)
  return headers
}
