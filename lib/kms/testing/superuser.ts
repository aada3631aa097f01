import { Client } from 'pg'

/** A connection that no policy, privilege or trigger stops: whoever has taken over the database server. */
export type Superuser = AsyncDisposable & {
  run: (sql: string, values?: unknown[]) => Promise<Record<string, unknown>[]>
}

/**
 * Connects to the database of `databaseUrl` with the login of `superuserUrl`. Foreign keys and triggers are off, so
 * that a test can leave any rows behind.
 */
export async function superuser(databaseUrl: string, superuserUrl: string): Promise<Superuser> {
  const url = new URL(superuserUrl)
  url.pathname = new URL(databaseUrl).pathname
  const client = new Client({ connectionString: url.href })
  await client.connect()
  await client.query(`SET session_replication_role = replica`)
  return {
    run: async (sql, values = []) => (await client.query(sql, values)).rows,
    [Symbol.asyncDispose]: () => client.end(),
  }
}
