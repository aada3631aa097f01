import { Prisma } from '#lib/db/generated/client.ts'
import { hasMaterial, hasReplicas, notDue } from '../keys/key-row.ts'
import type { ErrorCode } from '../model/errors.ts'
import { decide, type KeyOperation, type KeyState, keyStates } from '../model/key-state.ts'
import { dayMilliseconds } from '../model/limits.ts'
import type { WarningCode } from '../model/warnings.ts'
import type { Tx } from '../transaction.ts'
import { countedDays } from '../usage/count-anew.ts'

/**
 * The state table as rows, one for each combination of facts, so that one INSERT … SELECT can freeze any number of
 * items by the same rules that the verbs apply.
 */
function ruleRows(operation: KeyOperation): Prisma.Sql {
  const rows: Prisma.Sql[] = []
  for (const state of Object.keys(keyStates) as KeyState[]) {
    for (const isDefault of [false, true]) {
      for (const material of [false, true]) {
        for (const replicas of [false, true]) {
          const decision = decide(operation, {
            state,
            isDefault,
            hasMaterial: material,
            hasReplicas: replicas,
          })
          const next = decision.allowed ? decision.next : null
          const reason = decision.allowed ? null : decision.reason
          const warning = decision.allowed ? warningOf(operation, state, decision.next) : null
          rows.push(
            Prisma.sql`(${state}::text, ${isDefault}::boolean, ${material}::boolean, ${replicas}::boolean, ${next}::text, ${reason}::text, ${warning}::text)`,
          )
        }
      }
    }
  }
  return Prisma.join(rows)
}

function warningOf(operation: KeyOperation, state: KeyState, next: KeyState): WarningCode | null {
  if (operation === 'scheduleDeletion' && state === '2') return 'enabledNow'
  if (operation === 'cancelDeletion') return next === '3' ? 'becomesDisabled' : 'needsIdenticalMaterial'
  return null
}

/** Callers that are named in a review at most. */
const callersMax = 3

/** Refusals that end when the key can be used again. */
const refusedByState: readonly ErrorCode[] = ['keyDisabled', 'keyPendingDeletion', 'keyPendingImport']

/** Who would notice: warnings of an operation after which a key `f` cannot be used, by its use in the last 30 days. */
function warningsOfUse(tx: Tx, operation: KeyOperation): Prisma.Sql {
  if (operation !== 'disable' && operation !== 'scheduleDeletion') return Prisma.sql`'{}'::text[]`
  const { accountId } = tx.ctx
  const called = Prisma.sql`ARRAY(SELECT 'calledRecently:' || u.calls_30_days FROM key_activity u
    WHERE u.account_id = ${accountId}::uuid AND u.key_id = f.id AND u.calls_30_days > 0)`
  if (operation === 'disable') return called
  const since = new Date(tx.now.getTime() - countedDays * dayMilliseconds)
  return Prisma.sql`${called} || ARRAY(
    SELECT concat_ws(':', 'refusedRecently', sum(c.calls), to_char(max(c.last_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD'), max(c.actor_name))
    FROM refused_call c
    WHERE c.account_id = ${accountId}::uuid AND c.key_id = f.id AND c.last_at > ${since}::timestamptz
      AND c.code = ANY(${[...refusedByState]}::text[])
    GROUP BY c.actor_id ORDER BY max(c.last_at) DESC, c.actor_id LIMIT ${callersMax})`
}

/**
 * Freezes the items of a change: for every row of `source` (ordinal, key_id as text, expected revision or NULL) what
 * the key is now, what it becomes, or why it will be skipped. An id that is unknown, not a UUID, of another project or
 * of another account becomes the same item. Returns how many items there are.
 *
 * @param source a query with the columns `ordinal`, `key_id` and `expected_revision`
 */
export function freezeItems(
  tx: Tx,
  change: { id: string; projectId: string; operation: KeyOperation },
  source: Prisma.Sql,
): Promise<number> {
  const { accountId } = tx.ctx
  return tx.sql.$executeRaw`
    INSERT INTO change_item (account_id, change_id, ordinal, key_id, key_name, key_spec, revision, state, next_state, warnings, outcome, reason)
    SELECT ${accountId}::uuid, ${change.id}::uuid, s.ordinal, s.key_id, f.name, f.spec, f.revision, f.state,
      CASE WHEN moved.since THEN NULL ELSE r.next_state END,
      CASE WHEN moved.since OR r.next_state IS NULL THEN '{}'::text[]
        ELSE array_remove(ARRAY[r.warning], NULL) || ${warningsOfUse(tx, change.operation)} END,
      CASE WHEN moved.since OR r.next_state IS NULL THEN 'skipped' ELSE 'pending' END,
      CASE WHEN f.id IS NULL THEN 'keyNotFound' WHEN moved.since THEN 'changedSinceReview' ELSE r.reason END
    FROM (${source}) s
    LEFT JOIN LATERAL (
      SELECT k.id, k.name, k.spec, k.revision, k.state, k.is_default, ${hasMaterial} AS has_material, ${hasReplicas} AS has_replicas
      FROM key k
      WHERE k.account_id = ${accountId}::uuid AND k.project_id = ${change.projectId} AND ${notDue(tx.now)}
        AND k.id = CASE WHEN s.key_id ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN s.key_id::uuid END
    ) f ON true
    LEFT JOIN (VALUES ${ruleRows(change.operation)})
      AS r (state, is_default, has_material, has_replicas, next_state, reason, warning)
      ON r.state = f.state AND r.is_default = f.is_default AND r.has_material = f.has_material AND r.has_replicas = f.has_replicas
    CROSS JOIN LATERAL (SELECT coalesce(f.revision <> s.expected_revision, false) AS since) moved`
}
