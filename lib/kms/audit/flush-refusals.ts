import type { Database } from '#lib/db/client.ts'
import type { RootKey } from '#lib/kms/root-key/root-key.ts'
import { eachAccount } from '../each-account.ts'
import { inSystemTransaction } from '../transaction.ts'
import { appendEvents } from './append-events.ts'
import { refusalsOneByOne } from './record-refusal.ts'

/**
 * Writes one counted event for every actor and minute that had more refusals than were recorded one by one, once the
 * minute is over, and forgets the counters. Returns how many counters were settled.
 */
export async function flushRefusals(db: Database, rootKey: RootKey): Promise<number> {
  const accounts = await inSystemTransaction(
    db,
    'jobs',
    (sql, now) => sql.$queryRaw<{ account_id: string }[]>`
      SELECT DISTINCT account_id FROM audit_refusal WHERE minute < ${now}::timestamptz - interval '1 minute'`,
  )
  let settled = 0
  await eachAccount(
    accounts.map((account) => account.account_id),
    async (accountId) => {
      settled += await flushAccount(db, rootKey, accountId)
    },
  )
  return settled
}

function flushAccount(db: Database, rootKey: RootKey, accountId: string): Promise<number> {
  return inSystemTransaction(db, 'jobs', async (sql, now) => {
    const rows = await sql.$queryRaw<{ actor_id: string; minute: Date; attempts: number }[]>`
      DELETE FROM audit_refusal WHERE account_id = ${accountId}::uuid AND (actor_id, minute) IN (
        SELECT actor_id, minute FROM audit_refusal
        WHERE account_id = ${accountId}::uuid AND minute < ${now}::timestamptz - interval '1 minute'
        ORDER BY actor_id, minute LIMIT 100 FOR UPDATE SKIP LOCKED)
      RETURNING actor_id, minute, attempts`
    const beyond = rows.filter((row) => row.attempts > refusalsOneByOne)
    await appendEvents(
      sql,
      rootKey,
      accountId,
      {
        actor: { kind: 'system', id: 'jobs', name: 'Keystead' },
        requestId: 'refused attempts',
        sourceAddress: null,
      },
      now,
      beyond.map((row) => ({
        action: 'refusedAttempts',
        outcome: 'refused',
        resourceType: 'user',
        resourceId: row.actor_id,
        details: { minute: row.minute.toISOString(), attempts: row.attempts - refusalsOneByOne },
      })),
    )
    return rows.length
  })
}
