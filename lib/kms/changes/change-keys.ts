import type { AuditEvent } from '../audit/event.ts'
import { recordEvents } from '../audit/record-events.ts'
import { hasMaterial, hasReplicas } from '../keys/key-row.ts'
import { type ErrorCode, KmsError } from '../model/errors.ts'
import { decide, type KeyOperation, type KeyState } from '../model/key-state.ts'
import { actionOf, can } from '../model/permissions.ts'
import type { Tx } from '../transaction.ts'

/** A key to change, and the revision that was reviewed (null: whatever it is now). */
export type KeyToChange = { keyId: string; revision: number | null }

export type KeyOutcome =
  | { keyId: string; outcome: 'done'; revision: number; state: KeyState; eventSeq: bigint }
  | { keyId: string; outcome: 'failed' | 'changed'; reason: ErrorCode }

type LockedKey = {
  id: string
  name: string
  project_id: string
  state: KeyState
  is_default: boolean
  has_material: boolean
  has_replicas: boolean
  revision: number
  due: boolean
}

/**
 * The one place where an operation changes the state of keys: it locks them in the order of their ids, decides by the
 * rights and states as they are now, writes states, events and open invalidations, and answers one outcome per key in
 * the order asked. A constant handful of statements, however many keys. The caller's transaction must be a writing one.
 *
 * @param deletionAt for scheduleDeletion: the moment from which the keys are gone
 */
export async function changeKeys(
  tx: Tx,
  operation: KeyOperation,
  keys: readonly KeyToChange[],
  deletionAt: Date | null,
): Promise<KeyOutcome[]> {
  const { accountId } = tx.ctx
  const locked = await tx.sql.$queryRaw<LockedKey[]>`
    SELECT k.id, k.name, k.project_id, k.state, k.is_default, ${hasMaterial} AS has_material, ${hasReplicas} AS has_replicas,
      k.revision, (k.state = '4' AND k.deletion_at <= ${tx.now}::timestamptz) AS due
    FROM key k WHERE k.account_id = ${accountId}::uuid AND k.id = ANY(${keys.map((key) => key.keyId)}::uuid[])
    ORDER BY k.id FOR UPDATE OF k`
  const byId = new Map(locked.map((key) => [key.id, key]))
  const moves: { key: LockedKey; next: KeyState }[] = []
  const outcomes = new Map<string, KeyOutcome>()
  for (const { keyId, revision } of keys) {
    const verdict = judge(tx, operation, byId.get(keyId), revision)
    if ('next' in verdict) moves.push(verdict)
    else outcomes.set(keyId, { keyId, ...verdict })
  }
  if (moves.length > 0) {
    await moveKeys(tx, moves, operation === 'scheduleDeletion' ? deletionAt : null)
    const seqs = await recordEvents(
      tx,
      moves.map(({ key, next }) => ({
        action: eventOf[operation],
        outcome: 'done',
        resourceId: key.id,
        resourceName: key.name,
        projectId: key.project_id,
        details: {
          from: key.state,
          to: next,
          ...(operation === 'scheduleDeletion' && deletionAt ? { deletionAt: deletionAt.toISOString() } : {}),
        },
      })),
    )
    moves.forEach(({ key, next }, index) => {
      const eventSeq = seqs[index]
      if (eventSeq === undefined) throw new Error('an event is missing for a change')
      outcomes.set(key.id, {
        keyId: key.id,
        outcome: 'done',
        revision: key.revision + 1,
        state: next,
        eventSeq,
      })
    })
  }
  const settled = keys.flatMap(({ keyId }) => outcomes.get(keyId) ?? [])
  await recordEvents(tx, refusals(operation, settled, byId))
  return settled
}

/** Keys the author may not change (any more) are refused without a rollback: they are told of here, in one event. */
function refusals(
  operation: KeyOperation,
  outcomes: readonly KeyOutcome[],
  keys: ReadonlyMap<string, LockedKey>,
): AuditEvent[] {
  const refused = outcomes.filter((one) => one.outcome === 'failed' && one.reason === 'notPermitted')
  const projectId = keys.get(refused[0]?.keyId ?? '')?.project_id
  if (projectId === undefined) return []
  return [
    {
      action: eventOf[operation],
      outcome: 'refused',
      resourceType: 'project',
      resourceId: projectId,
      projectId,
      details: { error: new KmsError('notPermitted').kmsCode, keys: refused.length },
    },
  ]
}

/** Names of the product's audit service. */
export const eventOf: Record<KeyOperation, string> = {
  enable: 'enableKey',
  disable: 'disableKey',
  scheduleDeletion: 'scheduleKeyDeletion',
  cancelDeletion: 'cancelKeyDeletion',
}

function judge(
  tx: Tx,
  operation: KeyOperation,
  key: LockedKey | undefined,
  revision: number | null,
): { key: LockedKey; next: KeyState } | { outcome: 'failed' | 'changed'; reason: ErrorCode } {
  if (!key || key.due) return { outcome: 'failed', reason: 'keyNotFound' }
  if (!can(tx.rights, actionOf[operation], { projectId: key.project_id })) {
    return { outcome: 'failed', reason: 'notPermitted' }
  }
  if (revision !== null && key.revision !== revision)
    return { outcome: 'changed', reason: 'changedSinceReview' }
  const decision = decide(operation, {
    state: key.state,
    isDefault: key.is_default,
    hasMaterial: key.has_material,
    hasReplicas: key.has_replicas,
  })
  return decision.allowed ? { key, next: decision.next } : { outcome: 'failed', reason: decision.reason }
}

async function moveKeys(
  tx: Tx,
  moves: readonly { key: LockedKey; next: KeyState }[],
  deletionAt: Date | null,
): Promise<void> {
  // Only Enabled keys are cached, so only what stops being Enabled must be dropped. What `openInvalidations` does is done
  // here in the statement that moves the keys: a chunk of a change is ten statements, BEGIN and COMMIT among them, and is
  // to stay so.
  const inUse = moves.filter(({ key }) => key.state === '2').map(({ key }) => key.id)
  const [opened] = await tx.sql.$queryRaw<[{ ids: bigint[] | null }]>`
    WITH moved AS (
      UPDATE key k SET state = m.next, revision = k.revision + 1, state_changed_at = ${tx.now}::timestamptz,
        deletion_at = ${deletionAt}::timestamptz, name_released = false
      FROM unnest(${moves.map(({ key }) => key.id)}::uuid[], ${moves.map(({ next }) => next)}::text[]) AS m (id, next)
      WHERE k.account_id = ${tx.ctx.accountId}::uuid AND k.id = m.id
      RETURNING k.id
    ), opened AS (
      INSERT INTO invalidation (account_id, subject_kind, subject_id)
      SELECT ${tx.ctx.accountId}::uuid, 'key', id::text FROM moved WHERE id = ANY(${inUse}::uuid[]) RETURNING id
    ), told AS (
      SELECT pg_notify('keystead_invalidation', '') FROM (SELECT count(*) AS opened FROM opened) AS counted WHERE opened > 0
    )
    SELECT array_agg(id) AS ids FROM opened LEFT JOIN told ON true`
  tx.invalidations.push(...(opened.ids ?? []))
}
