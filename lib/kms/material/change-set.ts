import type { AuditEvent } from '../audit/event.ts'
import {
  awaitOpenInvalidations,
  openInvalidation,
  openInvalidations,
} from '../invalidations/open-invalidation.ts'
import type { LockedKey } from '../keys/lock-key.ts'
import type { KeySet } from '../keys/lock-key-set.ts'
import type { KeyState } from '../model/key-state.ts'
import type { Tx } from '../transaction.ts'

/** What becomes of the state of the keys of a set. */
export type SetMove = { from: readonly KeyState[]; to: KeyState }

/** The state of a key after the move. */
export const stateAfter = (key: LockedKey, move: SetMove | null): KeyState =>
  move?.from.includes(key.state) ? move.to : key.state

/**
 * Records in every key of a set that its material changed: revision, the state where the move fits, open invalidations
 * of keys and material. Answers one event for each key that the change concerns: the one that was called, and every one
 * whose state moved. The caller records them, last.
 */
export async function changeSet(
  tx: Tx,
  { key, keys }: KeySet,
  move: SetMove | null,
  event: { action: string; details: NonNullable<AuditEvent['details']> },
): Promise<AuditEvent[]> {
  const next = keys.map((one) => stateAfter(one, move))
  await tx.sql.$executeRaw`
    UPDATE key k SET revision = k.revision + 1, state = m.next,
      state_changed_at = CASE WHEN k.state = m.next THEN k.state_changed_at ELSE ${tx.now}::timestamptz END
    FROM unnest(${keys.map(({ id }) => id)}::uuid[], ${next}::text[]) AS m (id, next)
    WHERE k.account_id = ${tx.ctx.accountId}::uuid AND k.id = m.id`
  await openInvalidations(
    tx,
    'key',
    keys.map(({ id }) => id),
  )
  await openInvalidation(tx, 'material', key.material_set_id)
  return keys.flatMap((one): AuditEvent[] => {
    const to = stateAfter(one, move)
    if (one.id !== key.id && to === one.state) return []
    return [
      {
        action: event.action,
        outcome: 'done',
        resourceId: one.id,
        resourceName: one.name,
        projectId: one.project_id,
        details: { ...event.details, ...(to === one.state ? {} : { from: one.state, to }) },
      },
    ]
  })
}

/**
 * Makes the transaction wait for earlier changes of a set, before it refuses another: it may be so already, and must hold
 * as what `changeSet` records does.
 */
export async function awaitSet(tx: Tx, { key, keys }: KeySet): Promise<void> {
  await awaitOpenInvalidations(tx, 'key', ...keys.map(({ id }) => id))
  await awaitOpenInvalidations(tx, 'material', key.material_set_id)
}
