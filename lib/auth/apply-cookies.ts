import { parseSetCookieHeader, toCookieOptions } from 'better-auth/cookies'
import { cookies } from 'next/headers'
import { sessionCookieName } from './better-auth.ts'

/** Puts the session cookie that better-auth made (or took away) on the answer of a server action, and no other. */
export async function applyCookies(setCookies: readonly string[], publicUrl: string): Promise<void> {
  const store = await cookies()
  const name = sessionCookieName(publicUrl)
  for (const header of setCookies) {
    const cookie = parseSetCookieHeader(header).get(name)
    if (cookie) store.set(name, cookie.value, toCookieOptions(cookie))
  }
}
