import { Prisma } from '#lib/db/generated/client.ts'
import type { KeyFilter } from '../model/inputs/key-filter.ts'
import { dayMilliseconds } from '../model/limits.ts'
import type { Tx } from '../transaction.ts'
import { notDue } from './key-row.ts'

/** A substring is rare when at most this many keys carry it: then the list starts from them. */
const rareMax = 1_000

/** Letter case is folded by the database, as it folds the names. `%` and `_` are wildcards of LIKE and `_` is legal in names: "a_b" must not find "axb". */
function substringPattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`
}

/**
 * The SQL condition of a filter over `key k`. Substrings are looked up first: when few keys carry one, the condition
 * lists their ids; when many do, it compares names row by row, which is quick because matches are dense.
 */
export async function filterCondition(tx: Tx, filter: KeyFilter): Promise<Prisma.Sql> {
  const conditions = [
    Prisma.sql`k.account_id = ${tx.ctx.accountId}::uuid`,
    Prisma.sql`k.project_id = ${filter.projectId}`,
    Prisma.sql`k.is_default = ${filter.defaultKeys}`,
    notDue(tx.now),
  ]
  const anyOf = (column: Prisma.Sql, values: readonly string[]): void => {
    if (values.length > 0) conditions.push(Prisma.sql`${column} = ANY(${[...values]}::text[])`)
  }
  anyOf(Prisma.sql`k.state`, filter.status)
  anyOf(Prisma.sql`k.spec`, filter.algorithm)
  anyOf(Prisma.sql`k.usage`, filter.usage)
  anyOf(Prisma.sql`k.origin`, filter.origin)
  anyOf(Prisma.sql`k.enterprise_project_id`, filter.enterpriseProject)
  if (filter.createdFrom) {
    conditions.push(Prisma.sql`k.created_at >= ${new Date(`${filter.createdFrom}T00:00:00Z`)}::timestamptz`)
  }
  if (filter.createdTo) {
    const end = new Date(Date.parse(`${filter.createdTo}T00:00:00Z`) + dayMilliseconds)
    conditions.push(Prisma.sql`k.created_at < ${end}::timestamptz`)
  }
  for (const tag of filter.tag) {
    const value = tag.value === undefined ? Prisma.empty : Prisma.sql`AND t.value = ${tag.value}`
    conditions.push(Prisma.sql`EXISTS (SELECT 1 FROM key_tag t
      WHERE t.account_id = k.account_id AND t.key_id = k.id AND t.key = ${tag.key} ${value})`)
  }
  const substrings = [
    ...filter.text.map((text) => ({ name: substringPattern(text), id: substringPattern(text) })),
    ...filter.name.map((text) => ({ name: substringPattern(text), id: null })),
    ...filter.id.map((text) => ({ name: null, id: substringPattern(text) })),
  ]
  for (const substring of substrings) conditions.push(await substringCondition(tx, filter, substring))
  return Prisma.join(conditions, ' AND ')
}

async function substringCondition(
  tx: Tx,
  filter: KeyFilter,
  substring: { name: string | null; id: string | null },
): Promise<Prisma.Sql> {
  const found = await tx.sql.$queryRaw<{ id: string }[]>`
    SELECT id FROM keystead_keys_like(${filter.projectId}, ${filter.defaultKeys}, ${substring.name}, ${substring.id}, ${rareMax}::integer)`
  if (found.length <= rareMax) return Prisma.sql`k.id = ANY(${found.map((row) => row.id)}::uuid[])`
  const name = Prisma.sql`lower(k.name) LIKE lower(${substring.name})`
  const id = Prisma.sql`k.id::text LIKE lower(${substring.id})`
  if (substring.name === null) return id
  if (substring.id === null) return name
  return Prisma.sql`(${name} OR ${id})`
}
