import type { KmsContext } from '../context.ts'
import type { ChangeView, ItemOutcome } from '../model/views.ts'
import { inTransaction } from '../transaction.ts'
import { viewChange } from './view-change.ts'

export type ReadChangeInput = {
  changeId: string
  /** From 1; 1 when left out. */
  page?: number | undefined
  /** Items on a page; 100 when left out. */
  pageSize?: number | undefined
  outcome?: ItemOutcome | undefined
}

/**
 * A change, planned, running or done, with one page of its items.
 *
 * @throws {KmsError} changeNotFound
 */
export function readChange(ctx: KmsContext, input: ReadChangeInput): Promise<ChangeView> {
  return inTransaction(ctx, (tx) =>
    viewChange(tx, input.changeId, {
      page: input.page ?? 1,
      pageSize: input.pageSize ?? 100,
      outcome: input.outcome,
    }),
  )
}
