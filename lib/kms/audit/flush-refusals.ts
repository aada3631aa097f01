import type { Database } from '#lib/db/client.ts'
import type { RootKey } from '#lib/kms/root-key/root-key.ts'
import { inSystemTransaction } from '../transaction.ts'
import { appendEvents } from './append-events.ts'
import { refusalsOneByOne } from './record-refusal.ts'

/**
 * Writes one counted event for every actor and minute that had more refusals than were recorded one by one, once the
 * minute is over, and forgets the counters. Returns how many counters were settled.
 */
export function flushRefusals(db: Database, rootKey: RootKey): Promise<number> {
  return inSystemTransaction(db, 'jobs', async (sql, now) => {
    const rows = await sql.$queryRaw<
      { account_id: string; actor_id: string; minute: Date; attempts: number }[]
    >`
      DELETE FROM audit_refusal WHERE (account_id, actor_id, minute) IN (
        SELECT account_id, actor_id, minute FROM audit_refusal
        WHERE minute < ${now}::timestamptz - interval '1 minute'
        ORDER BY account_id, actor_id, minute LIMIT 100 FOR UPDATE SKIP LOCKED)
      RETURNING account_id, actor_id, minute, attempts`
    // In the order of the accounts, so that two processes take the heads of several chains in the same order.
    for (const row of rows.toSorted((a, b) => (a.account_id < b.account_id ? -1 : 1))) {
      const unrecorded = row.attempts - refusalsOneByOne
      if (unrecorded <= 0) continue
      await appendEvents(
        sql,
        rootKey,
        row.account_id,
        {
          actor: { kind: 'system', id: 'jobs', name: 'Keystead' },
          requestId: `refusals ${row.minute.toISOString()}`,
          sourceAddress: null,
        },
        now,
        [
          {
            action: 'refusedAttempts',
            outcome: 'refused',
            resourceType: 'user',
            resourceId: row.actor_id,
            details: { minute: row.minute.toISOString(), attempts: unrecorded },
          },
        ],
      )
    }
    return rows.length
  })
}
