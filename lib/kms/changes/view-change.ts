import { Prisma } from '#lib/db/generated/client.ts'
import { requireRight } from '../access/require-right.ts'
import { notDue } from '../keys/key-row.ts'
import { type ErrorCode, errorMessage, isErrorCode, KmsError } from '../model/errors.ts'
import type { KeySpec } from '../model/key-spec.ts'
import { type KeyOperation, type KeyState, refusalWords } from '../model/key-state.ts'
import type { ChangeItemView, ChangeStatus, ChangeView, ItemOutcome } from '../model/views.ts'
import { inverseOf, warningWords } from '../model/warnings.ts'
import type { Tx } from '../transaction.ts'
import { openOfChange } from './open-of-change.ts'

export type ItemPage = { page: number; pageSize: number; outcome?: ItemOutcome | undefined }

/** A review shows a whole quota of keys at once. */
const firstPage: ItemPage = { page: 1, pageSize: 100 }

const notFinished = new Set<ChangeStatus>(['planned', 'applying', 'confirming'])

/**
 * A change with one page of its items.
 *
 * @throws {KmsError} changeNotFound, also for a change in a project whose keys the caller may not list
 */
export async function viewChange(tx: Tx, changeId: string, items: ItemPage = firstPage): Promise<ChangeView> {
  const { accountId, actor } = tx.ctx
  const change = await tx.sql.change.findUnique({ where: { accountId_id: { accountId, id: changeId } } })
  if (!change) throw new KmsError('changeNotFound')
  try {
    requireRight(tx, 'kms:cmk:list', change.projectId)
  } catch (error) {
    throw new KmsError('changeNotFound', { cause: error })
  }
  const operation = change.operation as KeyOperation
  const status = change.status as ChangeStatus
  const finished = !notFinished.has(status)
  const { counts, undoable } = await countItems(tx, changeId, finished)
  const inverse = inverseOf[operation]
  const rows = await tx.sql.changeItem.findMany({
    where: { accountId, changeId, ...(items.outcome ? { outcome: items.outcome } : {}) },
    orderBy: { ordinal: 'asc' },
    take: items.pageSize,
    skip: (items.page - 1) * items.pageSize,
  })
  return {
    id: change.id,
    projectId: change.projectId,
    operation,
    status,
    authorName: change.authorName,
    mine: change.authorId === actor.id,
    expired: status === 'planned' && change.expiresAt <= tx.now,
    awaitedInstances: status === 'confirming' ? await awaitedInstances(tx, changeId) : [],
    total: change.total,
    counts,
    pendingDays: change.pendingDays,
    deletionAt: change.deletionAt?.toISOString() ?? null,
    plannedAt: change.plannedAt.toISOString(),
    expiresAt: change.expiresAt.toISOString(),
    appliedAt: change.appliedAt?.toISOString() ?? null,
    finishedAt: change.finishedAt?.toISOString() ?? null,
    parentId: change.parentId,
    undoOf: change.undoOf,
    retryable: finished ? counts.failed + counts.changed + counts.pending : 0,
    undo: inverse && undoable > 0 ? { operation: inverse, keys: undoable } : null,
    items: rows.map((row) => toItemView(row, operation)),
    itemsPage: {
      page: items.page,
      pageSize: items.pageSize,
      total: items.outcome ? counts[items.outcome] : change.total,
    },
  }
}

/**
 * The instances that may still use a key of the change as it was, by name. Not asked of `keystead_close_invalidations`,
 * which tells it too: looking at a change neither locks nor closes anything.
 */
async function awaitedInstances(tx: Tx, changeId: string): Promise<string[]> {
  const rows = await tx.sql.$queryRaw<{ name: string }[]>`
    SELECT n.name FROM instance n WHERE EXISTS (
      SELECT 1 FROM unnest(${openOfChange(tx, changeId)}) AS v (id) WHERE NOT EXISTS (
        SELECT 1 FROM invalidation_acknowledgement a WHERE a.invalidation_id = v.id AND a.instance_id = n.id))
    ORDER BY n.name, n.id`
  return rows.map((row) => row.name)
}

/** How many items have which outcome, and of a finished change how many could be undone. */
async function countItems(
  tx: Tx,
  changeId: string,
  finished: boolean,
): Promise<{ counts: Record<ItemOutcome, number>; undoable: number }> {
  const counts = { pending: 0, done: 0, failed: 0, skipped: 0, changed: 0 }
  let undoable = 0
  const rows = await tx.sql.$queryRaw<{ outcome: ItemOutcome; items: bigint; undoable: bigint }[]>`
    SELECT i.outcome, count(*) AS items, count(k.id) AS undoable
    FROM change_item i LEFT JOIN key k ON ${finished} AND ${undoableKey(tx)}
    WHERE i.account_id = ${tx.ctx.accountId}::uuid AND i.change_id = ${changeId}::uuid GROUP BY i.outcome`
  for (const row of rows) {
    counts[row.outcome] = Number(row.items)
    undoable += Number(row.undoable)
  }
  return { counts, undoable }
}

/** Whether `key k` is that of a done item `i`, and as the change left it. */
const undoableKey = (tx: Tx): Prisma.Sql => Prisma.sql`k.account_id = i.account_id
  AND k.id = CASE WHEN i.outcome = 'done' THEN i.key_id::uuid END AND k.revision = i.applied_revision
  AND ${notDue(tx.now)}`

type ItemRow = Prisma.ChangeItemGetPayload<object>

function toItemView(row: ItemRow, operation: KeyOperation): ChangeItemView {
  const state = row.state as KeyState | null
  const reasonCode = row.reason !== null && isErrorCode(row.reason) ? row.reason : null
  return {
    ordinal: row.ordinal,
    keyId: row.keyId,
    keyName: row.keyName,
    keySpec: row.keySpec as KeySpec | null,
    state,
    nextState: row.nextState as KeyState | null,
    outcome: row.outcome as ItemOutcome,
    reasonCode,
    reason: reasonCode && reasonWords(reasonCode, operation, state, row.outcome === 'skipped'),
    warnings: row.warnings.map(warningWords).filter((words) => words !== null),
    requestId: row.requestId,
  }
}

const stateReasons = new Set<ErrorCode>([
  'keyNotDisabled',
  'keyNotEnabled',
  'keyPendingDeletion',
  'alreadyPendingDeletion',
  'keyNotPendingDeletion',
])

function reasonWords(
  code: ErrorCode,
  operation: KeyOperation,
  state: KeyState | null,
  skipped: boolean,
): string {
  if (skipped && state && stateReasons.has(code)) return refusalWords(operation, state)
  if (code === 'unexpected') return 'Something went wrong; this key was not changed.'
  return errorMessage(code)
}
