import { Prisma } from '#lib/db/generated/client.ts'
import { attempted } from '../audit/attempted.ts'
import type { KmsContext } from '../context.ts'
import type { KeyOperation } from '../model/key-state.ts'
import type { ChangeView } from '../model/views.ts'
import { inTransaction } from '../transaction.ts'
import { finishedChange } from './finished-change.ts'
import { insertChange } from './insert-change.ts'
import { viewChange } from './view-change.ts'

/**
 * Plans the items of a finished change again that failed, had changed since the review, or were not reached. It is
 * reviewed and confirmed like any other plan.
 *
 * @throws {KmsError} changeNotFound, changeNotYours, notPermitted, selectionEmpty when nothing is left to try
 */
export function retryChange(ctx: KmsContext, input: { changeId: string }): Promise<ChangeView> {
  const attempt = { action: 'retryChange', resourceType: 'change', resourceId: input.changeId } as const
  return attempted(ctx, attempt, () =>
    inTransaction(
      ctx,
      async (tx) => {
        const change = await finishedChange(tx, input.changeId)
        const source = Prisma.sql`
        SELECT (row_number() OVER (ORDER BY ordinal))::integer AS ordinal, key_id, NULL::integer AS expected_revision
        FROM change_item WHERE account_id = ${ctx.accountId}::uuid AND change_id = ${change.id}::uuid
          AND outcome IN ('failed', 'changed', 'pending')`
        const id = await insertChange(
          tx,
          {
            projectId: change.projectId,
            operation: change.operation as KeyOperation,
            selection: { retryOf: change.id },
            parentId: change.id,
          },
          source,
        )
        return viewChange(tx, id)
      },
      { write: true },
    ),
  )
}
