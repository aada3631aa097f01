import type { KeyOperation } from '../model/key-state.ts'
import { limits } from '../model/limits.ts'
import type { Tx } from '../transaction.ts'
import { changeKeys } from './change-keys.ts'

type Item = { ordinal: number; key_id: string; revision: number | null }

/**
 * Applies the next pending items of a change in the caller's transaction. Locks in this order: the author's row (by the
 * transaction itself), the change, its items, the keys by id, the head of the audit chain. `lost`: another process has
 * taken the change over, or it is no longer applying.
 */
export async function applyChunk(
  tx: Tx,
  changeId: string,
  owner: string,
  size: number,
): Promise<'more' | 'finished' | 'lost'> {
  const { accountId } = tx.ctx
  const [change] = await tx.sql.$queryRaw<
    { operation: KeyOperation; deletion_at: Date | null; stop_requested: boolean }[]
  >`
    UPDATE change SET lease_until = ${new Date(tx.now.getTime() + limits.changeLeaseMilliseconds)}::timestamptz
    WHERE account_id = ${accountId}::uuid AND id = ${changeId}::uuid AND owner_id = ${owner}::uuid AND status = 'applying'
    RETURNING operation, deletion_at, stop_requested`
  if (!change) return 'lost'
  if (change.stop_requested) return 'finished'
  return applyItems(tx, change, changeId, size)
}

/** The same for a change on which the caller's transaction holds the lock already. */
export async function applyItems(
  tx: Tx,
  change: { operation: KeyOperation; deletion_at: Date | null },
  changeId: string,
  size: number,
): Promise<'more' | 'finished'> {
  const { accountId, requestId } = tx.ctx
  const items = await tx.sql.$queryRaw<Item[]>`
    SELECT ordinal, key_id, revision FROM change_item
    WHERE account_id = ${accountId}::uuid AND change_id = ${changeId}::uuid AND outcome = 'pending'
    ORDER BY ordinal LIMIT ${size} FOR UPDATE`
  if (items.length === 0) return 'finished'
  const outcomes = await changeKeys(
    tx,
    change.operation,
    items.map((item) => ({ keyId: item.key_id, revision: item.revision })),
    change.deletion_at,
  )
  // The range keeps the planner to these items: it knows nothing yet of a change that was planned a moment ago, and would
  // read all of its items for every chunk.
  await tx.sql.$executeRaw`
    UPDATE change_item i SET outcome = o.outcome, reason = o.reason, event_seq = o.event_seq,
      applied_revision = o.applied_revision, request_id = ${requestId}
    FROM unnest(
      ${outcomes.map((outcome) => outcome.keyId)}::text[], ${outcomes.map((outcome) => outcome.outcome)}::text[],
      ${outcomes.map((outcome) => (outcome.outcome === 'done' ? null : outcome.reason))}::text[],
      ${outcomes.map((outcome) => (outcome.outcome === 'done' ? outcome.eventSeq : null))}::bigint[],
      ${outcomes.map((outcome) => (outcome.outcome === 'done' ? outcome.revision : null))}::integer[]
    ) AS o (key_id, outcome, reason, event_seq, applied_revision)
    WHERE i.account_id = ${accountId}::uuid AND i.change_id = ${changeId}::uuid AND i.key_id = o.key_id
      AND i.ordinal BETWEEN ${items[0]?.ordinal}::integer AND ${items.at(-1)?.ordinal}::integer`
  return items.length < size ? 'finished' : 'more'
}
