import { Client } from 'pg'

/**
 * The statements that `work` sends to Postgres from this process, BEGIN and COMMIT among them.
 */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const statements: string[] = []
  const { query } = Client.prototype
  Client.prototype.query = function counted(this: Client, ...args: unknown[]) {
    const [asked] = args
    statements.push(typeof asked === 'string' ? asked : (asked as { text: string }).text)
    return Reflect.apply(query, this, args)
  } as typeof query
  try {
    await work()
  } finally {
    Client.prototype.query = query
  }
  return statements
}
