import { Prisma } from '#lib/db/generated/client.ts'
import { requireRight } from '../access/require-right.ts'
import { type ErrorCode, errorMessage, isErrorCode, KmsError } from '../model/errors.ts'
import type { KeySpec } from '../model/key-spec.ts'
import { type KeyOperation, type KeyState, refusalWords } from '../model/key-state.ts'
import type { ChangeItemView, ChangeStatus, ChangeView, ItemOutcome } from '../model/views.ts'
import { inverseOf, warningWords } from '../model/warnings.ts'
import type { Tx } from '../transaction.ts'

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
  const counts = await countOutcomes(tx, changeId)
  const rows = await tx.sql.changeItem.findMany({
    where: { accountId, changeId, ...(items.outcome ? { outcome: items.outcome } : {}) },
    orderBy: { ordinal: 'asc' },
    take: items.pageSize,
    skip: (items.page - 1) * items.pageSize,
  })
  const finished = !notFinished.has(status)
  return {
    id: change.id,
    projectId: change.projectId,
    operation,
    status,
    authorName: change.authorName,
    mine: change.authorId === actor.id,
    expired: status === 'planned' && change.expiresAt <= tx.now,
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
    undo: finished ? await undoOf(tx, changeId, operation) : null,
    items: rows.map((row) => toItemView(row, operation)),
    itemsPage: {
      page: items.page,
      pageSize: items.pageSize,
      total: items.outcome ? counts[items.outcome] : change.total,
    },
  }
}

async function countOutcomes(tx: Tx, changeId: string): Promise<Record<ItemOutcome, number>> {
  const counts = { pending: 0, done: 0, failed: 0, skipped: 0, changed: 0 }
  const groups = await tx.sql.changeItem.groupBy({
    by: ['outcome'],
    where: { accountId: tx.ctx.accountId, changeId },
    _count: true,
  })
  for (const group of groups) counts[group.outcome as ItemOutcome] = group._count
  return counts
}

/** The keys this change moved and nobody has moved since. */
export function undoableItems(tx: Tx, changeId: string): Prisma.Sql {
  return Prisma.sql`change_item i JOIN key k ON k.account_id = i.account_id AND k.id = CASE WHEN i.outcome = 'done' THEN i.key_id::uuid END
    AND k.revision = i.applied_revision
    WHERE i.account_id = ${tx.ctx.accountId}::uuid AND i.change_id = ${changeId}::uuid AND i.outcome = 'done'
      AND NOT (k.state = '4' AND k.deletion_at <= ${tx.now}::timestamptz)`
}

async function undoOf(tx: Tx, changeId: string, operation: KeyOperation): Promise<ChangeView['undo']> {
  const inverse = inverseOf[operation]
  if (!inverse) return null
  const [row] = await tx.sql.$queryRaw<[{ keys: bigint }]>`
    SELECT count(*) AS keys FROM ${undoableItems(tx, changeId)}`
  return row.keys > 0n ? { operation: inverse, keys: Number(row.keys) } : null
}

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
