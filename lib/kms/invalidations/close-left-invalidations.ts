import type { Database } from '#lib/db/client.ts'
import { inSystemTransaction } from '../transaction.ts'
import { holdEverywhere } from './hold-everywhere.ts'

/** Longer than any changer waits by itself. */
const leftSeconds = 20

/** At once; the rest next time. */
const most = 10_000

/**
 * Closes invalidations whose changer died, or could not reach the database, before it had confirmed them. Every
 * instance obeys them meanwhile.
 *
 * @returns how many were closed
 * @throws {KmsError} unconfirmed
 */
export async function closeLeftInvalidations(db: Database): Promise<number> {
  const left = await inSystemTransaction(
    db,
    'instance',
    (sql) =>
      sql.$queryRaw<{ id: bigint }[]>`
      SELECT id FROM invalidation
      WHERE closed_at IS NULL AND opened_at < clock_timestamp() - make_interval(secs => ${leftSeconds})
      ORDER BY id LIMIT ${most}`,
  )
  const ids = left.map(({ id }) => id)
  await holdEverywhere(db, ids)
  return ids.length
}
