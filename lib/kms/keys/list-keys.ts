import { Prisma } from '#lib/db/generated/client.ts'
import { requireRight } from '../access/require-right.ts'
import type { KmsContext } from '../context.ts'
import { errorMessage } from '../model/errors.ts'
import type { KeyListInput, SortColumn } from '../model/inputs/key-filter.ts'
import { limits } from '../model/limits.ts'
import { can } from '../model/permissions.ts'
import type { KeyPage, Total } from '../model/views.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import { type FilterCondition, filterCondition } from './filter-condition.ts'
import { type KeyRow, keyColumns, toKeyView } from './key-row.ts'
import { readQuota } from './read-quota.ts'

/** Expressions that the sort indexes of the migration serve; the id makes the order total. */
const sortExpressions: Record<SortColumn, readonly Prisma.Sql[]> = {
  created: [Prisma.sql`k.created_at`],
  name: [Prisma.sql`lower(k.name) COLLATE "C"`],
  status: [Prisma.sql`k.state`],
  algorithm: [Prisma.sql`k.spec`, Prisma.sql`k.usage`],
  origin: [Prisma.sql`k.origin`],
  enterpriseProject: [Prisma.sql`lower(e.name)`],
}

/**
 * One page of the keys of a project that match a filter. A page beyond the last answers the last.
 *
 * @throws {KmsError} notPermitted without `kms:cmk:list` in the project
 */
export function listKeys(ctx: KmsContext, input: KeyListInput): Promise<KeyPage> {
  return inTransaction(ctx, async (tx) => {
    requireRight(tx, 'kms:cmk:list', input.projectId)
    const quota = await readQuota(tx, input.projectId)
    const condition = await filterCondition(tx, input)
    const total = await countUpTo(tx, condition, limits.exactTotalMax)
    const { rows, page } = await readPage(tx, input, condition, total)
    return {
      keys: rows.map((row) => toKeyView(row, tx.rights)),
      total,
      page,
      pageSize: input.pageSize,
      quota,
      anyKeys: total.count > 0 || (input.defaultKeys ? await anyDefaultKeys(tx, input) : quota.used > 0),
      readAt: tx.now.toISOString(),
      createRefusal: can(tx.rights, 'kms:cmk:create', { projectId: input.projectId })
        ? null
        : errorMessage('notPermitted'),
    }
  })
}

async function readPage(
  tx: Tx,
  input: KeyListInput,
  condition: FilterCondition,
  total: Total,
): Promise<{ rows: KeyRow[]; page: number }> {
  if (total.count === 0) return { rows: [], page: 1 }
  const lastPage = (count: number): number => Math.max(1, Math.ceil(count / input.pageSize))
  if (total.exact) {
    const page = Math.min(input.page, lastPage(total.count))
    return { rows: await selectPage(tx, input, condition, page), page }
  }
  const rows = await selectPage(tx, input, condition, input.page)
  if (rows.length > 0) return { rows, page: input.page }
  const page = lastPage((await countUpTo(tx, condition, Number.MAX_SAFE_INTEGER - 1)).count)
  return { rows: await selectPage(tx, input, condition, page), page }
}

/** The rows are found first, with what the index holds; what else is shown of them is looked up for one page only. */
function selectPage(
  tx: Tx,
  input: KeyListInput,
  condition: FilterCondition,
  page: number,
): Promise<KeyRow[]> {
  const skipped = (page - 1) * input.pageSize
  const direction = input.direction === 'asc' ? Prisma.sql`ASC` : Prisma.sql`DESC`
  const order = Prisma.join(
    [...sortExpressions[input.sort], Prisma.sql`k.id`].map((column) => Prisma.sql`${column} ${direction}`),
  )
  const found =
    input.sort === 'enterpriseProject'
      ? // No index holds the names of enterprise projects: the first keys of each are taken, and the pages from these.
        Prisma.sql`
          SELECT k.* FROM enterprise_project e CROSS JOIN LATERAL (
            SELECT k.* FROM key k WHERE ${condition.sql} AND k.enterprise_project_id = e.id
            ORDER BY k.id ${direction} LIMIT ${skipped + input.pageSize}) k
          WHERE e.account_id = ${tx.ctx.accountId}::uuid`
      : Prisma.sql`SELECT k.* FROM key k WHERE ${condition.sql}`
  return tx.sql.$queryRaw<KeyRow[]>`
    SELECT ${keyColumns} FROM (
      ${found} ORDER BY ${order} LIMIT ${input.pageSize} OFFSET ${skipped}) k
    JOIN enterprise_project e ON e.account_id = k.account_id AND e.id = k.enterprise_project_id
    ORDER BY ${order}`
}

/** Counts matches, but no further than `most`: an exact count of a hundred thousand is not worth its time. */
async function countUpTo(tx: Tx, condition: FilterCondition, most: number): Promise<Total> {
  // In the order of an index the counting can stop early; without one the planner may read the whole table.
  const order = condition.readsRows ? Prisma.sql`ORDER BY k.created_at, k.id` : Prisma.empty
  const [row] = await tx.sql.$queryRaw<[{ count: bigint }]>`
    SELECT count(*) FROM (SELECT 1 FROM key k WHERE ${condition.sql} ${order} LIMIT ${most + 1}) counted`
  const count = Number(row.count)
  return count > most ? { count: most, exact: false } : { count, exact: true }
}

async function anyDefaultKeys(tx: Tx, input: KeyListInput): Promise<boolean> {
  const [row] = await tx.sql.$queryRaw<[{ any: boolean }]>`
    SELECT EXISTS (SELECT 1 FROM key k WHERE k.account_id = ${tx.ctx.accountId}::uuid
      AND k.project_id = ${input.projectId} AND k.is_default) AS any`
  return row.any
}
