import { Prisma } from '#lib/db/generated/client.ts'
import { requireRight } from '../access/require-right.ts'
import { attempted } from '../audit/attempted.ts'
import type { KmsContext } from '../context.ts'
import { filterCondition } from '../keys/filter-condition.ts'
import type { PlanChangeInput } from '../model/inputs/change.ts'
import type { KeyFilter } from '../model/inputs/key-filter.ts'
import type { ChangeView } from '../model/views.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import { eventOf } from './change-keys.ts'
import { insertChange } from './insert-change.ts'
import { viewChange } from './view-change.ts'

/**
 * Plans an operation on listed keys or on all keys that match a filter, and answers the review: each item with its
 * current and next state, or why it will be skipped. The plan holds for 30 minutes and changes no key.
 *
 * @throws {KmsError} notPermitted, projectNotFound, selectionEmpty
 */
export function planChange(ctx: KmsContext, input: PlanChangeInput): Promise<ChangeView> {
  const attempt = {
    action: eventOf[input.operation],
    resourceType: 'project',
    resourceId: input.projectId,
    projectId: input.projectId,
  } as const
  return attempted(ctx, attempt, () => plan(ctx, input))
}

function plan(ctx: KmsContext, input: PlanChangeInput): Promise<ChangeView> {
  return inTransaction(
    ctx,
    async (tx) => {
      // Before the filter is looked at: counting matches would already tell a stranger something.
      requireRight(tx, 'kms:cmk:list', input.projectId)
      const { selection } = input
      const change = { projectId: input.projectId, operation: input.operation }
      if ('ids' in selection) {
        const ids = [...new Set(selection.ids.map((id) => id.toLowerCase()))]
        const id = await insertChange(tx, { ...change, selection: { ids: ids.length } }, listed(ids))
        return viewChange(tx, id)
      }
      const filter = { ...selection.filter, projectId: input.projectId }
      const id = await insertChange(tx, { ...change, selection: { filter } }, await matching(tx, filter))
      return viewChange(tx, id)
    },
    { write: true },
  )
}

function listed(ids: string[]): Prisma.Sql {
  return Prisma.sql`SELECT ordinal::integer, key_id, NULL::integer AS expected_revision
    FROM unnest(${ids}::text[]) WITH ORDINALITY AS chosen (key_id, ordinal)`
}

async function matching(tx: Tx, filter: KeyFilter): Promise<Prisma.Sql> {
  const { sql: condition } = await filterCondition(tx, filter)
  return Prisma.sql`SELECT (row_number() OVER (ORDER BY k.created_at DESC, k.id DESC))::integer AS ordinal,
    k.id::text AS key_id, NULL::integer AS expected_revision FROM key k WHERE ${condition}`
}
