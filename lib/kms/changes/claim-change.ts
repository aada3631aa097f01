import { randomUUID } from 'node:crypto'
import type { Database } from '#lib/db/client.ts'
import type { KmsContext } from '../context.ts'
import { limits } from '../model/limits.ts'
import type { RootKey } from '../root-key/root-key.ts'
import { inSystemTransaction } from '../transaction.ts'

/** A change this process may work on, in its author's name. */
export type ClaimedChange = { ctx: KmsContext; changeId: string; owner: string }

type Row = {
  account_id: string
  id: string
  author_id: string
  author_name: string
  request_id: string
  source_address: string | null
}

/**
 * Claims a change that is to be applied or confirmed and that no living process works on, or answers null. The row
 * lock makes sure that of several processes one gets it.
 */
export async function claimChange(db: Database, rootKey: RootKey): Promise<ClaimedChange | null> {
  const owner = randomUUID()
  const row = await inSystemTransaction(db, 'jobs', async (sql, now) => {
    const lease = new Date(now.getTime() + limits.changeLeaseMilliseconds)
    const rows = await sql.$queryRaw<Row[]>`
      UPDATE change SET owner_id = ${owner}::uuid, lease_until = ${lease}::timestamptz
      WHERE (account_id, id) = (
        SELECT account_id, id FROM change
        WHERE status IN ('applying', 'confirming')
          AND (owner_id IS NULL AND status = 'applying' OR lease_until < ${now}::timestamptz)
        ORDER BY lease_until LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING account_id, id, author_id, author_name, request_id, source_address`
    return rows[0] ?? null
  })
  if (!row) return null
  return {
    changeId: row.id,
    owner,
    ctx: {
      db,
      rootKey,
      accountId: row.account_id,
      actor: { kind: 'user', id: row.author_id, name: row.author_name },
      requestId: row.request_id,
      sourceAddress: row.source_address,
    },
  }
}
