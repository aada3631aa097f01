import { Client } from 'pg'
import { vi } from 'vitest'

export type CapturedQuery = { text: string; values: unknown[] }

type Query = (this: Client, ...args: unknown[]) => unknown

/** Everything that the pools of this process ask PostgreSQL while `work` runs. */
export async function capturedQueries(work: () => Promise<unknown>): Promise<CapturedQuery[]> {
  const queries: CapturedQuery[] = []
  const original = Client.prototype.query as Query
  const spy = vi.spyOn(Client.prototype, 'query').mockImplementation(function (
    this: Client,
    ...args: unknown[]
  ) {
    const [config, values] = args as [{ text?: string; values?: unknown[] } | string, unknown]
    const text = typeof config === 'string' ? config : config.text
    const given = typeof config === 'string' ? undefined : config.values
    if (text) queries.push({ text, values: given ?? (Array.isArray(values) ? values : []) })
    return original.apply(this, args)
  } as Query as never)
  try {
    await work()
  } finally {
    spy.mockRestore()
  }
  return queries
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
  { text, values }: CapturedQuery,
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
