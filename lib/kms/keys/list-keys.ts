import { Prisma } from '#lib/db/generated/client.ts'
import { requireRight } from '../access/require-right.ts'
import type { KmsContext } from '../context.ts'
import { readEnterpriseProjects } from '../enterprise-projects/read-enterprise-projects.ts'
import { errorMessage } from '../model/errors.ts'
import type { KeyListInput, SortColumn } from '../model/inputs/key-filter.ts'
import { limits } from '../model/limits.ts'
import { can } from '../model/permissions.ts'
import type { KeyPage, Total } from '../model/views.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import { type FilterCondition, filterCondition } from './filter-condition.ts'
import { type KeyRow, keyColumns, keyJoins, toKeyView } from './key-row.ts'
import { readQuota } from './read-quota.ts'

/** Expressions that the sort indexes of the migration serve; the id makes the order total. */
const sortExpressions: Record<SortColumn, readonly Prisma.Sql[]> = {
  created: [Prisma.sql`k.created_at`],
  name: [Prisma.sql`lower(k.name) COLLATE "C"`],
  status: [Prisma.sql`k.state`],
  algorithm: [Prisma.sql`k.spec`, Prisma.sql`k.usage`],
  origin: [Prisma.sql`k.origin`],
  enterpriseProject: [Prisma.sql`lower(e.name)`],
  lastUsed: [Prisma.sql`u.last_used_at`],
  calls: [Prisma.sql`u.calls_30_days`],
}

/**
 * One page of the keys of a project that match a filter, and all that stands around it. A page beyond the last answers the last.
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
      enterpriseProjects: await readEnterpriseProjects(tx),
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
  const ordered = (column: Prisma.Sql): Prisma.Sql => {
    if (input.sort !== 'lastUsed') return Prisma.sql`${column} ${direction}`
    // A key that was never used is the one that was not used for the longest time.
    return Prisma.sql`${column} ${direction} NULLS ${input.direction === 'asc' ? Prisma.sql`FIRST` : Prisma.sql`LAST`}`
  }
  const order = Prisma.join([...sortExpressions[input.sort].map(ordered), Prisma.sql`k.id ${direction}`])
  const found = foundRows(
    tx,
    input,
    condition,
    Prisma.sql`k.id ${direction} LIMIT ${skipped + input.pageSize}`,
  )
  return tx.sql.$queryRaw<KeyRow[]>`
    SELECT ${keyColumns} FROM (${found} ORDER BY ${order} LIMIT ${input.pageSize} OFFSET ${skipped}) k
    ${keyJoins} ORDER BY ${order}`
}

/** The matching rows of `key k` beside the table whose index has the order. */
function foundRows(tx: Tx, input: KeyListInput, condition: FilterCondition, first: Prisma.Sql): Prisma.Sql {
  const { accountId } = tx.ctx
  if (input.sort === 'enterpriseProject') {
    // No index holds the names of enterprise projects: the first keys of each are taken, and the pages from these.
    return Prisma.sql`
      SELECT k.* FROM enterprise_project e CROSS JOIN LATERAL (
        SELECT k.* FROM key k WHERE ${condition.sql} AND k.enterprise_project_id = e.id ORDER BY ${first}) k
      WHERE e.account_id = ${accountId}::uuid`
  }
  if (input.sort === 'lastUsed' || input.sort === 'calls') {
    return Prisma.sql`
      SELECT k.* FROM key_activity u JOIN key k ON k.account_id = u.account_id AND k.id = u.key_id
      WHERE u.account_id = ${accountId}::uuid AND u.project_id = ${input.projectId}
        AND u.is_default = ${input.defaultKeys} AND ${condition.sql}`
  }
  return Prisma.sql`SELECT k.* FROM key k WHERE ${condition.sql}`
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
