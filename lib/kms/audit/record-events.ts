import type { Tx } from '../transaction.ts'
import { appendEvents } from './append-events.ts'
import type { AuditEvent } from './event.ts'

/**
 * Records what the transaction did in its account's chain: no change without its event, no event without its change.
 * Call it last, since it takes the lock on which every writer of the account waits. Returns the sequence numbers.
 */
export function recordEvents(tx: Tx, events: readonly AuditEvent[]): Promise<bigint[]> {
  return appendEvents(tx.sql, tx.ctx.rootKey, tx.ctx.accountId, tx.ctx, tx.now, events)
}

/** Records one event; see {@link recordEvents}. */
export async function recordEvent(tx: Tx, event: AuditEvent): Promise<void> {
  await recordEvents(tx, [event])
}
