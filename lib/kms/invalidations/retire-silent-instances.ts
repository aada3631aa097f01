import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '#lib/db/client.ts'
import { inSystemTransaction } from '../transaction.ts'
import { leaseMilliseconds } from './lease-times.ts'

/** Ten renewals missed. */
const silentSeconds = 10

/**
 * Shuts out instances that have not renewed for long, whose processes died, and forgets them once every lease they may
 * have held has ended; so the next change does not have to wait for them. The clock only chooses whom: shutting out one
 * that lives is safe, it registers anew.
 *
 * @returns how many were forgotten
 */
export async function retireSilentInstances(db: Database): Promise<number> {
  const silent = await inSystemTransaction(
    db,
    'instance',
    (sql) =>
      sql.$queryRaw<{ id: string }[]>`
      SELECT id FROM instance
      WHERE fenced_at IS NOT NULL OR renewed_at < clock_timestamp() - make_interval(secs => ${silentSeconds})`,
  )
  if (silent.length === 0) return 0
  const ids = silent.map(({ id }) => id)
  await db.$queryRaw`SELECT keystead_fence_instances(${ids}::uuid[])::text`
  await pause(leaseMilliseconds)
  await db.$queryRaw`SELECT keystead_forget_instances(${ids}::uuid[])::text`
  return ids.length
}
