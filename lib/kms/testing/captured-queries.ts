import { Client } from 'pg'
import { vi } from 'vitest'

/** `application`: by which name its connection is known to PostgreSQL. */
export type CapturedQuery = { text: string; values: unknown[]; application: string | undefined }

/** What pg's types leave out. */
type Connected = Client & { connectionParameters: { application_name?: string } }

type Query = (this: Connected, ...args: unknown[]) => unknown

/** Everything that this process asks PostgreSQL while `work` runs. */
export async function capturedQueries(work: () => Promise<unknown>): Promise<CapturedQuery[]> {
  const queries: CapturedQuery[] = []
  const original = Client.prototype.query as Query
  const spy = vi.spyOn(Client.prototype, 'query').mockImplementation(function (
    this: Connected,
    ...args: unknown[]
  ) {
    const [config, values] = args as [{ text?: string; values?: unknown[] } | string, unknown]
    const text = typeof config === 'string' ? config : config.text
    const given = typeof config === 'string' ? undefined : config.values
    const application = this.connectionParameters.application_name
    if (text) queries.push({ text, values: given ?? (Array.isArray(values) ? values : []), application })
    return original.apply(this, args)
  } as Query as never)
  try {
    await work()
  } finally {
    spy.mockRestore()
  }
  return queries
}

/** The statements among them that are not an instance's own, which goes on renewing its lease whatever is done. */
export async function statementsBesideLeases(work: () => Promise<unknown>): Promise<string[]> {
  const queries = await capturedQueries(work)
  return queries.filter(({ application }) => application !== 'keystead instance').map(({ text }) => text)
}

export type PlanNode = {
  'Node Type': string
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Shared Hit Blocks': number
  'Shared Read Blocks': number
  Plans?: PlanNode[]
}

/** Runs a captured query again on a connection of the application, in an account, and answers its plan. */
export async function explain(
  connection: Client,
  accountId: string,
  { text, values }: Pick<CapturedQuery, 'text' | 'values'>,
): Promise<PlanNode> {
  await connection.query('BEGIN')
  try {
    await connection.query(`SELECT set_config('keystead.account', $1, true)`, [accountId])
    const { rows } = await connection.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values)
    return rows[0]['QUERY PLAN'][0].Plan
  } finally {
    await connection.query('ROLLBACK')
  }
}

export const nodesOf = (plan: PlanNode): PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]
