import { requireRight } from '../access/require-right.ts'
import type { KmsContext } from '../context.ts'
import type { KeyFilter } from '../model/inputs/key-filter.ts'
import type { KeyState } from '../model/key-state.ts'
import type { StateCounts } from '../model/views.ts'
import { inTransaction } from '../transaction.ts'
import { filterCondition } from './filter-condition.ts'

/**
 * How many keys that match a filter are in each state: on how many an operation on "all that match" would act.
 *
 * @throws {KmsError} notPermitted without `kms:cmk:list` in the project
 */
export function countStates(ctx: KmsContext, filter: KeyFilter): Promise<StateCounts> {
  return inTransaction(ctx, async (tx) => {
    requireRight(tx, 'kms:cmk:list', filter.projectId)
    const { sql: condition } = await filterCondition(tx, filter)
    const rows = await tx.sql.$queryRaw<{ state: KeyState; keys: bigint }[]>`
      SELECT k.state, count(*) AS keys FROM key k WHERE ${condition} GROUP BY k.state`
    const counts: StateCounts = { '2': 0, '3': 0, '4': 0, '5': 0 }
    for (const row of rows) counts[row.state] = Number(row.keys)
    return counts
  })
}
