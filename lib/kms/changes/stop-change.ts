import { attempted } from '../audit/attempted.ts'
import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import type { ChangeView } from '../model/views.ts'
import { inTransaction } from '../transaction.ts'
import { viewChange } from './view-change.ts'

/**
 * Asks a running change of the caller's own to stop before its next chunk. What was applied stays applied; the items
 * not reached can be tried again. A change that is not running is left as it is.
 *
 * @throws {KmsError} changeNotFound, changeNotYours
 */
export function stopChange(ctx: KmsContext, input: { changeId: string }): Promise<ChangeView> {
  const attempt = { action: 'stopChange', resourceType: 'change', resourceId: input.changeId } as const
  return attempted(ctx, attempt, () =>
    inTransaction(
      ctx,
      async (tx) => {
        const view = await viewChange(tx, input.changeId)
        if (!view.mine) throw new KmsError('changeNotYours')
        await tx.sql.change.updateMany({
          where: { accountId: ctx.accountId, id: input.changeId, status: 'applying' },
          data: { stopRequested: true },
        })
        return viewChange(tx, input.changeId)
      },
      { write: true },
    ),
  )
}
