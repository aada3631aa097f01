import { Prisma } from '#lib/db/generated/client.ts'
import { requireRight } from '../access/require-right.ts'
import type { KmsContext } from '../context.ts'
import { errorMessage } from '../model/errors.ts'
import type { KeyListInput, SortColumn } from '../model/inputs/key-filter.ts'
import { limits } from '../model/limits.ts'
import { can } from '../model/permissions.ts'
import type { KeyPage, Total } from '../model/views.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import { filterCondition } from './filter-condition.ts'
import { type KeyRow, keyColumns, keyTables, toKeyView } from './key-row.ts'
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
    const condition = await filterCondition(tx, input)
    const total = await countUpTo(tx, condition, limits.exactTotalMax)
    const { rows, page } = await readPage(tx, input, condition, total)
    const quota = await readQuota(tx, input.projectId)
    return {
      keys: rows.map((row) => toKeyView(row, tx.rights)),
      total,
      page,
      pageSize: input.pageSize,
      quota,
      anyKeys: total.count > 0 || (await anyKeys(tx, input)),
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
  condition: Prisma.Sql,
  total: Total,
): Promise<{ rows: KeyRow[]; page: number }> {
  const select = async (page: number): Promise<KeyRow[]> => {
    const direction = input.direction === 'asc' ? Prisma.sql`ASC` : Prisma.sql`DESC`
    const order = [...sortExpressions[input.sort], Prisma.sql`k.id`].map(
      (column) => Prisma.sql`${column} ${direction}`,
    )
    return tx.sql.$queryRaw<KeyRow[]>`
      SELECT ${keyColumns} FROM ${keyTables} WHERE ${condition} ORDER BY ${Prisma.join(order)}
      LIMIT ${input.pageSize} OFFSET ${(page - 1) * input.pageSize}`
  }
  const lastPage = (count: number): number => Math.max(1, Math.ceil(count / input.pageSize))
  if (total.exact) {
    const page = Math.min(input.page, lastPage(total.count))
    return { rows: await select(page), page }
  }
  const rows = await select(input.page)
  if (rows.length > 0) return { rows, page: input.page }
  const page = lastPage((await countUpTo(tx, condition, Number.MAX_SAFE_INTEGER - 1)).count)
  return { rows: await select(page), page }
}

/** Counts matches, but no further than `most`: an exact count of a hundred thousand is not worth its time. */
async function countUpTo(tx: Tx, condition: Prisma.Sql, most: number): Promise<Total> {
  const [row] = await tx.sql.$queryRaw<[{ count: bigint }]>`
    SELECT count(*) FROM (SELECT 1 FROM key k WHERE ${condition} LIMIT ${most + 1}) counted`
  const count = Number(row.count)
  return count > most ? { count: most, exact: false } : { count, exact: true }
}

async function anyKeys(tx: Tx, input: KeyListInput): Promise<boolean> {
  const [row] = await tx.sql.$queryRaw<[{ any: boolean }]>`
    SELECT EXISTS (SELECT 1 FROM key k WHERE k.account_id = ${tx.ctx.accountId}::uuid
      AND k.project_id = ${input.projectId} AND k.is_default = ${input.defaultKeys}
      AND NOT (k.state = '4' AND k.deletion_at <= ${tx.now}::timestamptz)) AS any`
  return row.any
}
