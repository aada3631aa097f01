import type { Tx } from '../transaction.ts'
import type { SubjectKind } from './subject.ts'

/** What is needed of a transaction. */
type Changing = Pick<Tx, 'sql' | 'invalidations'> & { ctx: Pick<Tx['ctx'], 'accountId'> }

/**
 * Tells every instance that may hold the subjects to drop them: opens an invalidation of each in the transaction of the
 * change. NOTIFY wakes the instances on commit; what they obey is the rows.
 *
 * Their ids are added to `tx.invalidations`. Nobody may be told of the change before `holdEverywhere` has returned for
 * these: `inTransaction` calls it before it returns, whoever has only a system transaction calls it after the commit.
 */
export async function openInvalidations(
  tx: Changing,
  kind: SubjectKind,
  ids: readonly string[],
): Promise<void> {
  // Nobody need be woken for nothing: a set that lives on with another key was not dropped.
  if (ids.length === 0) return
  const [opened] = await tx.sql.$queryRaw<[{ ids: bigint[] | null }]>`
    WITH opened AS (
      INSERT INTO invalidation (account_id, subject_kind, subject_id)
      SELECT ${tx.ctx.accountId}::uuid, ${kind}, id FROM unnest(${ids}::text[]) AS id RETURNING id),
    told AS (SELECT pg_notify('keystead_invalidation', '') FROM (SELECT count(*) FROM opened) AS counted)
    SELECT array_agg(id) AS ids FROM opened LEFT JOIN told ON true`
  tx.invalidations.push(...(opened.ids ?? []))
}

/** One of them. */
export function openInvalidation(tx: Changing, kind: SubjectKind, id: string): Promise<void> {
  return openInvalidations(tx, kind, [id])
}

/**
 * Makes the transaction wait for earlier changes of subjects too: a verb that refuses, or does nothing, because they are
 * already so, must mean the same as the call before it whose answer was lost (docs/decisions/0007-leases.md, "Enable does
 * not wait").
 *
 * @param tx one in which no statement has failed
 */
export async function awaitOpenInvalidations(
  tx: Changing,
  kind: SubjectKind,
  ...ids: string[]
): Promise<void> {
  const open = await tx.sql.$queryRaw<{ id: bigint }[]>`
    SELECT id FROM invalidation
    WHERE account_id = ${tx.ctx.accountId}::uuid AND subject_kind = ${kind} AND subject_id = ANY(${ids}::text[])
      AND closed_at IS NULL`
  tx.invalidations.push(...open.map((row) => row.id))
}
