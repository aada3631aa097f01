import { Prisma } from '#lib/db/generated/client.ts'
import type { KeyFilter } from '../model/inputs/key-filter.ts'
import { dayMilliseconds } from '../model/limits.ts'
import type { Tx } from '../transaction.ts'
import { notDue } from './key-row.ts'

/** A substring is rare when at most this many keys carry it: then the list starts from them. */
const rareMax = 1_000

/** An index of trigrams holds what stands inside words; it knows nothing of shorter texts and of signs. */
const hasTrigram = /[\p{L}\p{N}]{3}/u

/** A filter as SQL over `key k`. */
export type FilterCondition = {
  sql: Prisma.Sql
  /** Whether names or ids are compared row by row, so that no index can count the matches. */
  readsRows: boolean
}

/** Letter case is folded by the database, as it folds the names. `%` and `_` are wildcards of LIKE and `_` is legal in names: "a_b" must not find "axb". */
function substringPattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`
}

/**
 * The SQL condition of a filter over `key k`. Substrings are looked up first: when few keys carry one, the condition
 * lists their ids; when many do, it compares names row by row, which is quick because matches are dense.
 */
export async function filterCondition(tx: Tx, filter: KeyFilter): Promise<FilterCondition> {
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
    ...filter.text.map((text) => ({ text, inName: true, inId: true })),
    ...filter.name.map((text) => ({ text, inName: true, inId: false })),
    ...filter.id.map((text) => ({ text, inName: false, inId: true })),
  ]
  let readsRows = false
  for (const substring of substrings) {
    const ids = await rareMatches(tx, filter, substring)
    readsRows ||= ids === null
    conditions.push(ids ? Prisma.sql`k.id = ANY(${ids}::uuid[])` : rowCondition(substring))
  }
  return { sql: Prisma.join(conditions, ' AND '), readsRows }
}

type Substring = { text: string; inName: boolean; inId: boolean }

/** The keys that carry the substring, or null when it is common or cannot be looked up. */
async function rareMatches(
  tx: Tx,
  filter: KeyFilter,
  { text, inName, inId }: Substring,
): Promise<string[] | null> {
  if (!hasTrigram.test(text)) return null
  const pattern = substringPattern(text)
  const found = await tx.sql.$queryRaw<{ id: string }[]>`
    SELECT id FROM keystead_keys_like(${filter.projectId}, ${filter.defaultKeys}, ${inName ? pattern : null},
      ${inId ? pattern : null}, ${rareMax}::integer)`
  return found.length > rareMax ? null : found.map((row) => row.id)
}

function rowCondition({ text, inName, inId }: Substring): Prisma.Sql {
  const pattern = substringPattern(text)
  const matches = [
    ...(inName ? [Prisma.sql`lower(k.name) LIKE lower(${pattern})`] : []),
    ...(inId ? [Prisma.sql`k.id::text LIKE lower(${pattern})`] : []),
  ]
  // As a CASE the planner takes it to be true of every other row, and so walks the sort index; by its statistics it
  // would think most patterns rare, read every row and sort.
  return Prisma.sql`CASE WHEN ${Prisma.join(matches, ' OR ')} THEN true ELSE false END`
}
