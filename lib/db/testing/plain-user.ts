import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'

export type PlainUser = AsyncDisposable & {
  name: string
  /** For this user, in its own database, which belongs to the superuser. */
  connectionString: string
  /** Runs SQL in that database as the superuser. */
  asSuperuser(sql: string): Promise<void>
}

/** A database user without any right, as an administrator may hand one out, and a database that it does not own. */
export async function plainUser(): Promise<PlainUser> {
  const name = `plain_${randomUUID().replaceAll('-', '')}`
  const url = new URL(inject('superuserDatabaseUrl'))
  const run = async (database: string, sql: string): Promise<void> => {
    url.pathname = `/${database}`
    const client = new Client({ connectionString: url.href })
    await client.connect()
    await client.query(sql).finally(() => client.end())
  }
  await run('postgres', `CREATE ROLE ${name} LOGIN PASSWORD '${name}'`)
  await run('postgres', `CREATE DATABASE ${name}`)
  const own = new URL(url)
  own.username = name
  own.password = name
  own.pathname = `/${name}`
  return {
    name,
    connectionString: own.href,
    asSuperuser: (sql) => run(name, sql),
    async [Symbol.asyncDispose]() {
      await run('postgres', `DROP DATABASE ${name} WITH (FORCE)`)
      await run('postgres', `DROP ROLE ${name}`)
    },
  }
}
