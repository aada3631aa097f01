import type { Database } from '#lib/db/client.ts'
import { appendEvents } from '../audit/append-events.ts'
import type { AuditOrigin } from '../audit/event.ts'
import { KmsError } from '../model/errors.ts'
import type { RootKey } from '../root-key/root-key.ts'
import { inSystemTransaction } from '../transaction.ts'
import type { AdmittedAttempt, SignInAttempt } from './throttle.ts'

/** Events about unknown emails in one minute; the rest is only counted, so that a flood does not fill the chain. */
const unknownPerMinute = 30
const unknownSubject = 'unknown emails'

/**
 * Records that a sign-in was refused: in the chain of the user's account, or for an unknown email in that of the
 * installation, without the email, which may be a password typed into the wrong field. Nobody is its actor: who typed
 * it is not known. The throttle keeps the number of events small; those it turned away are told of as a number.
 */
export function recordRefusedSignIn(
  db: Database,
  rootKey: RootKey,
  attempt: SignInAttempt,
  admitted: AdmittedAttempt,
  requestId: string,
): Promise<void> {
  return inSystemTransaction(db, 'sign-in', async (sql, now) => {
    const origin: AuditOrigin = { actor: null, requestId, sourceAddress: attempt.address }
    const error = new KmsError('credentialsInvalid').kmsCode
    const user = await sql.user.findUnique({ where: { email: attempt.email } })
    if (user) {
      await appendEvents(sql, rootKey, user.accountId, origin, now, [
        {
          action: 'signIn',
          outcome: 'refused',
          resourceType: 'user',
          resourceId: user.id,
          resourceName: user.email,
          details: { error, turnedAwayBefore: admitted.turnedAway },
        },
      ])
      return
    }
    const unrecorded = await countUnknown(sql, now)
    if (unrecorded === null) return
    await appendEvents(sql, rootKey, null, origin, now, [
      {
        action: 'signIn',
        outcome: 'refused',
        resourceType: 'session',
        details: { error, turnedAwayBefore: admitted.turnedAway, unrecordedBefore: unrecorded },
      },
    ])
  })
}

/** Null: this one is not recorded. Else how many were not since the last that was. */
async function countUnknown(sql: Parameters<typeof appendEvents>[0], now: Date): Promise<number | null> {
  await sql.$executeRaw`
    INSERT INTO sign_in_throttle (subject, window_start, updated_at)
    VALUES (${unknownSubject}, ${now}::timestamptz, ${now}::timestamptz) ON CONFLICT (subject) DO NOTHING`
  const [row] = await sql.$queryRaw<[{ failures: number; refused: number; window_start: Date }]>`
    SELECT failures, refused, window_start FROM sign_in_throttle WHERE subject = ${unknownSubject} FOR UPDATE`
  const over = now.getTime() - row.window_start.getTime() >= 60_000
  const recorded = over ? 0 : row.failures
  const full = recorded >= unknownPerMinute
  await sql.signInThrottle.update({
    where: { subject: unknownSubject },
    data: full
      ? { refused: row.refused + 1, updatedAt: now }
      : { failures: recorded + 1, refused: 0, updatedAt: now, ...(over ? { windowStart: now } : {}) },
  })
  return full ? null : row.refused
}
