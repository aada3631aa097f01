import type { Database } from '#lib/db/client.ts'
import { inSystemTransaction } from '../transaction.ts'

/** Keys added up in one transaction. */
const batch = 1_000

/** Days whose calls the list shows, today included. */
export const countedDays = 30

/**
 * Adds up the calls of the last 30 days anew for every key in use whose sums are of an earlier day: the day that falls
 * out is subtracted by it. Answers how many keys were added up.
 */
export async function countAnew(db: Database, clock?: (database: Date) => Date): Promise<number> {
  let counted = 0
  let count: number
  do {
    count = await inSystemTransaction(db, 'jobs', async (sql, database) => {
      const today = (clock?.(database) ?? database).toISOString().slice(0, 10)
      // Locked first, added up by a statement of its own: what another process adds meanwhile comes before or after both.
      const rows = await sql.$queryRaw<{ account_id: string; key_id: string }[]>`
        SELECT account_id, key_id FROM key_activity
        WHERE counted_on < ${today}::date AND (calls_30_days > 0 OR refused_30_days > 0)
        ORDER BY account_id, key_id LIMIT ${batch} FOR UPDATE SKIP LOCKED`
      await sql.$executeRaw`
        UPDATE key_activity a SET counted_on = ${today}::date, calls_30_days = s.calls, refused_30_days = s.refused
        FROM (
          SELECT w.account_id, w.key_id, coalesce(sum(u.calls), 0) AS calls, coalesce(sum(u.refused), 0) AS refused
          FROM unnest(${rows.map((row) => row.account_id)}::uuid[], ${rows.map((row) => row.key_id)}::uuid[])
            AS w (account_id, key_id)
          LEFT JOIN key_use u ON u.account_id = w.account_id AND u.key_id = w.key_id
            AND u.day > ${today}::date - ${countedDays}::integer
          GROUP BY w.account_id, w.key_id
        ) s WHERE a.account_id = s.account_id AND a.key_id = s.key_id`
      return rows.length
    })
    counted += count
  } while (count === batch)
  return counted
}
