import type { Superuser } from './superuser.ts'

/** A table of the product, as the catalogue knows it, so that a new one cannot be forgotten by a test. */
export type Table = {
  name: string
  /** The column that says whose a row is; null when there is none. */
  accountColumn: 'account_id' | 'id' | null
  rowSecurity: boolean
  policies: number
}

/** Every table but the migrations' own, which the application may not even read. */
export async function tablesOf(db: Superuser): Promise<Table[]> {
  return (await db.run(`
    SELECT c.relname AS name, c.relrowsecurity AS "rowSecurity",
      CASE WHEN EXISTS (SELECT 1 FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attname = 'account_id' AND NOT a.attisdropped) THEN 'account_id'
        WHEN c.relname = 'account' THEN 'id' END AS "accountColumn",
      (SELECT count(*)::integer FROM pg_policy p WHERE p.polrelid = c.oid) AS policies
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND c.relname <> '_prisma_migrations'
    ORDER BY c.relname`)) as Table[]
}

/** Tables without an account whose rows belong to a user of one. */
const tablesOfUsers = new Set(['iam_session', 'iam_credential'])

/** Every column of every row that belongs to an account, in every table, as text in a fixed order. */
export async function dumpAccount(db: Superuser, accountId: string): Promise<Record<string, string[]>> {
  const dump: Record<string, string[]> = {}
  for (const { name, accountColumn } of await tablesOf(db)) {
    if (accountColumn === null && !tablesOfUsers.has(name)) continue
    const condition = accountColumn
      ? `t.${accountColumn} = $1`
      : 't.user_id IN (SELECT id FROM iam_user WHERE account_id = $1)'
    const rows = await db.run(`SELECT t::text AS row FROM "${name}" t WHERE ${condition} ORDER BY 1`, [
      accountId,
    ])
    dump[name] = rows.map(({ row }) => String(row))
  }
  return dump
}
