import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import type { BetterAuthOptions, DBAdapter } from 'better-auth'
import { prismaAdapter } from 'better-auth/adapters/prisma'
import { betterAuth } from 'better-auth/minimal'
import type { Database } from '#lib/db/client.ts'
import type { Prisma } from '#lib/db/generated/client.ts'
import { hashedSessionTokens } from './hashed-session-tokens.ts'
import { logger } from './logger.ts'
import { signInDatabase, withinTransaction } from './sign-in-database.ts'
import { sourceAddressHeader } from './source-address.ts'

/** A session ends this long after signing in, however busy: a working day. */
export const sessionSeconds = 12 * 3_600

/** Longer than any password may be in UTF-16 units; the rule itself is in code points and stands in the inputs. */
const passwordUnitsMax = 512

/**
 * Inserts the session row within a transaction of the caller's, which also checks the user's status and records the
 * event: no session without its event.
 */
export type OpenSession = <T>(
  userId: string,
  insert: (sql: Prisma.TransactionClient) => Promise<T>,
) => Promise<T>

const opening = new AsyncLocalStorage<OpenSession>()

/** Lets better-auth open a session during `work`, by way of `open`. Without this it cannot. */
export function openingSession<T>(open: OpenSession, work: () => Promise<T>): Promise<T> {
  return opening.run(open, work)
}

/** The name of the session cookie; browsers keep `__Host-` cookies to this very host and to https. */
export function sessionCookieName(publicUrl: string): string {
  return publicUrl.startsWith('https:') ? '__Host-keystead' : 'keystead'
}

/**
 * better-auth over our tables. Only its functions are used (`auth.api`): its HTTP handler is not mounted, so nothing
 * of it can be reached but by our actions, which throttle and record.
 *
 * @param secret signs the session cookies.
 */
export function createAuth(db: Database, secret: string, publicUrl: string) {
  const options = {
    appName: 'Keystead',
    baseURL: publicUrl,
    secret,
    database: (given: BetterAuthOptions) =>
      openedSessions(
        hashedSessionTokens(prismaAdapter(signInDatabase(db), { provider: 'postgresql' })(given)),
      ),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 1,
      maxPasswordLength: passwordUnitsMax,
    },
    user: {
      additionalFields: {
        accountId: { type: 'string', input: false },
        status: { type: 'string', input: false },
      },
    },
    account: { modelName: 'credential', fields: { accountId: 'providerAccountId' } },
    session: { expiresIn: sessionSeconds, disableSessionRefresh: true, cookieCache: { enabled: false } },
    advanced: {
      // The prefix of the name and the flag are set below: better-auth's own would be `__Secure-`.
      useSecureCookies: false,
      cookies: {
        session_token: {
          name: sessionCookieName(publicUrl),
          attributes: { secure: publicUrl.startsWith('https:'), sameSite: 'lax', httpOnly: true, path: '/' },
        },
      },
      database: { generateId: () => randomUUID(), validateSchema: false },
      ipAddress: { ipAddressHeaders: [sourceAddressHeader] },
    },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: {
      level: 'error',
      // Its messages name no password or token; what it is given besides them might.
      log: (_level: string, message: string) => logger().error({ from: 'better-auth' }, message),
    },
  } satisfies BetterAuthOptions
  return betterAuth(options)
}

export type Auth = ReturnType<typeof createAuth>

function openedSessions(adapter: DBAdapter): DBAdapter {
  return {
    ...adapter,
    create: (call) => {
      if (call.model !== 'session') return adapter.create(call)
      const open = opening.getStore()
      if (!open) throw new Error('a session is opened by signing in, nowhere else')
      const { userId } = call.data as { userId?: string }
      return open(String(userId), (sql) => withinTransaction(sql, () => adapter.create(call)))
    },
  }
}
