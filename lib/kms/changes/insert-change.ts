import { randomUUID } from 'node:crypto'
import type { Prisma } from '#lib/db/generated/client.ts'
import { requireRight } from '../access/require-right.ts'
import { KmsError } from '../model/errors.ts'
import type { KeyOperation } from '../model/key-state.ts'
import { limits } from '../model/limits.ts'
import { actionOf } from '../model/permissions.ts'
import type { Tx } from '../transaction.ts'
import { freezeItems } from './freeze-items.ts'

export type NewChange = {
  projectId: string
  operation: KeyOperation
  /** What was chosen, for the record: `{ ids: n }`, `{ filter }`, `{ retryOf }` or `{ undoOf }`. */
  selection: Prisma.InputJsonObject
  parentId?: string
  undoOf?: string
}

/**
 * Plans a change: its row and its frozen items. Nothing about any key is changed. Returns the id.
 *
 * @throws {KmsError} notPermitted without the operation's action in the project; projectNotFound; selectionEmpty
 */
export async function insertChange(tx: Tx, change: NewChange, source: Prisma.Sql): Promise<string> {
  requireRight(tx, 'kms:cmk:list', change.projectId)
  requireRight(tx, actionOf[change.operation], change.projectId)
  const { ctx } = tx
  const project = await tx.sql.project.findUnique({
    where: { accountId_id: { accountId: ctx.accountId, id: change.projectId } },
    select: { id: true },
  })
  if (!project) throw new KmsError('projectNotFound')
  const id = randomUUID()
  await tx.sql.change.create({
    data: {
      accountId: ctx.accountId,
      id,
      projectId: change.projectId,
      operation: change.operation,
      authorId: ctx.actor.id,
      authorName: ctx.actor.name,
      selection: change.selection,
      total: 0,
      parentId: change.parentId ?? null,
      undoOf: change.undoOf ?? null,
      requestId: ctx.requestId,
      sourceAddress: ctx.sourceAddress,
      plannedAt: tx.now,
      expiresAt: new Date(tx.now.getTime() + limits.planMinutes * 60_000),
    },
  })
  const total = await freezeItems(tx, { id, ...change }, source)
  if (total === 0) throw new KmsError('selectionEmpty')
  await tx.sql.change.update({ where: { accountId_id: { accountId: ctx.accountId, id } }, data: { total } })
  return id
}
