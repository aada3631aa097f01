import type { KmsContext } from '../context.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import type { AccountCounts } from './use-counts.ts'

/**
 * Keys in one transaction: whoever changes a key waits for the counters of no more than these, and so does whatever else
 * this process has to do while their values are put together.
 */
const keysPerTransaction = 100

/**
 * Adds counters to the tables of an account: uses by day, the last use, the sums the list shows, refusals by caller.
 * Counters of keys that are gone are left out. Several processes may write at once: every statement takes its rows in
 * the same order.
 *
 * @returns what was not written, because of `error`; null: everything was
 */
export async function writeUseCounts(
  ctx: KmsContext,
  counts: AccountCounts,
): Promise<{ rest: AccountCounts; error: unknown } | null> {
  const parts = partsOf(counts)
  for (const [index, part] of parts.entries()) {
    try {
      await inTransaction(ctx, (tx) => writePart(tx, part), { write: true })
    } catch (error) {
      return { rest: joined(parts.slice(index)), error }
    }
  }
  return null
}

async function writePart(tx: Tx, part: AccountCounts): Promise<void> {
  await addDays(tx, part)
  await addSums(tx, part)
  await addRefusals(tx, part)
}

async function addDays(tx: Tx, { days }: AccountCounts): Promise<void> {
  const { accountId } = tx.ctx
  await tx.sql.$executeRaw`
    INSERT INTO key_use (account_id, key_id, day, operation, calls, refused)
    SELECT k.account_id, k.id, u.day, u.operation, u.calls, u.refused
    FROM unnest(${days.map((one) => one.keyId)}::uuid[], ${days.map((one) => one.day)}::date[],
      ${days.map((one) => one.operation)}::text[], ${days.map((one) => one.calls)}::bigint[],
      ${days.map((one) => one.refused)}::bigint[]) AS u (key_id, day, operation, calls, refused)
    JOIN key k ON k.account_id = ${accountId}::uuid AND k.id = u.key_id
    ORDER BY k.id, u.day, u.operation
    ON CONFLICT (account_id, key_id, day, operation)
      DO UPDATE SET calls = key_use.calls + excluded.calls, refused = key_use.refused + excluded.refused`
}

async function addSums(tx: Tx, { days, lastUses }: AccountCounts): Promise<void> {
  const { accountId } = tx.ctx
  const sums = new Map<string, { calls: number; refused: number }>()
  for (const { keyId, calls, refused } of days) {
    const sum = sums.get(keyId) ?? { calls: 0, refused: 0 }
    sums.set(keyId, { calls: sum.calls + calls, refused: sum.refused + refused })
  }
  const ids = [...new Set([...sums.keys(), ...lastUses.keys()])]
  await tx.sql.$queryRaw`
    SELECT 1 FROM key_activity WHERE account_id = ${accountId}::uuid AND key_id = ANY(${ids}::uuid[])
    ORDER BY key_id FOR UPDATE`
  await tx.sql.$executeRaw`
    UPDATE key_activity a SET last_used_at = greatest(a.last_used_at, u.last_used_at),
      calls_30_days = a.calls_30_days + u.calls, refused_30_days = a.refused_30_days + u.refused
    FROM unnest(${ids}::uuid[], ${ids.map((id) => lastUses.get(id) ?? null)}::timestamptz[],
      ${ids.map((id) => sums.get(id)?.calls ?? 0)}::bigint[], ${ids.map((id) => sums.get(id)?.refused ?? 0)}::bigint[])
      AS u (key_id, last_used_at, calls, refused)
    WHERE a.account_id = ${accountId}::uuid AND a.key_id = u.key_id`
}

async function addRefusals(tx: Tx, { refusals }: AccountCounts): Promise<void> {
  if (refusals.length === 0) return
  const { accountId } = tx.ctx
  await tx.sql.$executeRaw`
    INSERT INTO refused_call (account_id, key_id, actor_id, actor_name, operation, code, calls, source_address, first_at, last_at)
    SELECT k.account_id, k.id, u.actor_id, u.actor_name, u.operation, u.code, u.calls, u.source_address, u.first_at, u.last_at
    FROM unnest(${refusals.map((one) => one.keyId)}::uuid[], ${refusals.map((one) => one.actorId)}::text[],
      ${refusals.map((one) => one.actorName)}::text[], ${refusals.map((one) => one.operation)}::text[],
      ${refusals.map((one) => one.code)}::text[], ${refusals.map((one) => one.calls)}::bigint[],
      ${refusals.map((one) => one.sourceAddress)}::text[], ${refusals.map((one) => one.firstAt)}::timestamptz[],
      ${refusals.map((one) => one.lastAt)}::timestamptz[])
      AS u (key_id, actor_id, actor_name, operation, code, calls, source_address, first_at, last_at)
    JOIN key k ON k.account_id = ${accountId}::uuid AND k.id = u.key_id
    ORDER BY k.id, u.actor_id, u.operation, u.code
    ON CONFLICT (account_id, key_id, actor_id, operation, code) DO UPDATE SET
      calls = refused_call.calls + excluded.calls, actor_name = excluded.actor_name,
      source_address = excluded.source_address, last_at = greatest(refused_call.last_at, excluded.last_at)`
}

/** Cuts counters into parts of so many keys, in the order of their ids. */
function partsOf({ days, lastUses, refusals }: AccountCounts): AccountCounts[] {
  const byKey = new Map<string, AccountCounts>()
  const of = (keyId: string): AccountCounts => {
    const known = byKey.get(keyId) ?? { days: [], lastUses: new Map(), refusals: [] }
    byKey.set(keyId, known)
    return known
  }
  for (const count of days) of(count.keyId).days.push(count)
  for (const [keyId, at] of lastUses) of(keyId).lastUses.set(keyId, at)
  for (const count of refusals) of(count.keyId).refusals.push(count)
  const ordered = [...byKey.keys()].toSorted().flatMap((keyId) => byKey.get(keyId) ?? [])
  const parts: AccountCounts[] = []
  for (let from = 0; from < ordered.length; from += keysPerTransaction) {
    parts.push(joined(ordered.slice(from, from + keysPerTransaction)))
  }
  return parts
}

function joined(parts: readonly AccountCounts[]): AccountCounts {
  return {
    days: parts.flatMap((part) => part.days),
    lastUses: new Map(parts.flatMap((part) => [...part.lastUses])),
    refusals: parts.flatMap((part) => part.refusals),
  }
}
