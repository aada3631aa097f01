import { headers } from 'next/headers'
import type { KmsContext } from '#lib/kms/context.ts'
import { readSession } from './read-session.ts'
import { readService } from './service.ts'

/**
 * Who is calling, as it stands now: session, user and status are read from the database for every request. Null: signed
 * out, whether the session ended, was ended, or its user is suspended.
 */
export async function readContext(requestId: string): Promise<KmsContext | null> {
  const [service, sent] = await Promise.all([readService(), headers()])
  return (await readSession(service, sent, requestId))?.ctx ?? null
}
