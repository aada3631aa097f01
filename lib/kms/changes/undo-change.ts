import { Prisma } from '#lib/db/generated/client.ts'
import { attempted } from '../audit/attempted.ts'
import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import type { KeyOperation } from '../model/key-state.ts'
import type { ChangeView } from '../model/views.ts'
import { inverseOf } from '../model/warnings.ts'
import { inTransaction } from '../transaction.ts'
import { finishedChange } from './finished-change.ts'
import { insertChange } from './insert-change.ts'
import { viewChange } from './view-change.ts'

/**
 * Plans the inverse of a finished change for every key it moved; one that was touched since is skipped, since undoing
 * would override somebody's later decision. Undo of Delete is Cancel Deletion, after which the key is Disabled.
 *
 * @throws {KmsError} changeNotFound, also when the operation has no inverse; changeNotYours; notPermitted;
 *   selectionEmpty when the change moved no key
 */
export function undoChange(ctx: KmsContext, input: { changeId: string }): Promise<ChangeView> {
  const attempt = { action: 'undoChange', resourceType: 'change', resourceId: input.changeId } as const
  return attempted(ctx, attempt, () =>
    inTransaction(
      ctx,
      async (tx) => {
        const change = await finishedChange(tx, input.changeId)
        const operation = inverseOf[change.operation as KeyOperation]
        if (!operation)
          throw new KmsError('changeNotFound', { message: 'Canceling a deletion cannot be undone.' })
        const source = Prisma.sql`
        SELECT (row_number() OVER (ORDER BY ordinal))::integer AS ordinal, key_id, applied_revision AS expected_revision
        FROM change_item WHERE account_id = ${ctx.accountId}::uuid AND change_id = ${change.id}::uuid AND outcome = 'done'`
        const id = await insertChange(
          tx,
          { projectId: change.projectId, operation, selection: { undoOf: change.id }, undoOf: change.id },
          source,
        )
        return viewChange(tx, id)
      },
      { write: true },
    ),
  )
}
