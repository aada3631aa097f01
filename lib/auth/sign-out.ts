import { seeingAll } from '#lib/kms/access/seeing-all.ts'
import { recordEvent } from '#lib/kms/audit/record-events.ts'
import { inTransaction } from '#lib/kms/transaction.ts'
import { readSession, sessionHeaders } from './read-session.ts'
import type { Service } from './service.ts'
import { withinTransaction } from './sign-in-database.ts'

/**
 * Ends the session of the request, if there is one.
 *
 * @returns the `Set-Cookie` headers of the answer, which take the cookie away
 */
export async function signOut(service: Service, sent: Headers, requestId: string): Promise<string[]> {
  const end = async () => {
    const { headers } = await service.auth.api.signOut({ headers: sessionHeaders(sent), returnHeaders: true })
    return headers.getSetCookie()
  }
  const session = await readSession(service, sent, requestId)
  if (!session) return end()
  const { ctx } = session
  return inTransaction(
    ctx,
    async (tx) => {
      const cookies = await seeingAll(tx, 'sign-in', () => withinTransaction(tx.sql, end))
      await recordEvent(tx, {
        action: 'signOut',
        outcome: 'done',
        resourceType: 'user',
        resourceId: ctx.actor.id,
        resourceName: ctx.actor.name,
      })
      return cookies
    },
    { write: true },
  )
}
