import type { KmsContext } from '#lib/kms/context.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import { sessionCookieName } from './better-auth.ts'
import type { Service } from './service.ts'
import { withinTransaction } from './sign-in-database.ts'
import { sourceAddress } from './source-address.ts'

/** The session of a request and the context for the verbs; null when signed out. */
export async function readSession(
  service: Service,
  headers: Headers,
  requestId: string,
): Promise<{ ctx: KmsContext } | null> {
  const { db, rootKey, auth, publicUrl } = service
  if (!headers.get('cookie')?.includes(`${sessionCookieName(publicUrl)}=`)) return null
  const found = await inSystemTransaction(db, 'sign-in', (sql) =>
    withinTransaction(sql, () => auth.api.getSession({ headers: sessionHeaders(headers) })),
  )
  const user = found?.user
  if (user?.status !== 'active') return null
  const { id, name, accountId } = user
  return {
    ctx: {
      db,
      rootKey,
      accountId,
      actor: { kind: 'user', id, name },
      requestId,
      sourceAddress: sourceAddress(headers),
    },
  }
}

/** What better-auth needs of a request, and nothing it could be confused by. */
export function sessionHeaders(headers: Headers): Headers {
  return new Headers(
    ['cookie', 'user-agent'].flatMap((name) => {
      const value = headers.get(name)
      return value === null ? [] : [[name, value] as [string, string]]
    }),
  )
}
