import { AsyncLocalStorage } from 'node:async_hooks'
import type { Database } from '#lib/db/client.ts'
import type { Prisma } from '#lib/db/generated/client.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'

const underWay = new AsyncLocalStorage<Prisma.TransactionClient>()

/** Lets what better-auth reads and writes during `work` take part in a transaction that sees every account. */
export function withinTransaction<T>(sql: Prisma.TransactionClient, work: () => Promise<T>): Promise<T> {
  return underWay.run(sql, work)
}

/** The models better-auth may touch, and no other. */
const models = ['user', 'session', 'credential', 'verification'] as const

type Model = Record<string, (query: unknown) => Promise<unknown>>

/**
 * What better-auth takes for a Prisma client. Each query runs in the transaction under way, else in one of its own, in
 * the system context `sign-in`: no connection stands open that sees beyond one account.
 */
export function signInDatabase(db: Database): Record<string, Model> {
  return Object.fromEntries(models.map((name) => [name, model(db, name)]))
}

function model(db: Database, name: (typeof models)[number]): Model {
  return new Proxy<Model>(
    {},
    {
      get: (_, method: string) => (query: unknown) => {
        const run = (sql: Prisma.TransactionClient) => (sql[name] as unknown as Model)[method]?.(query)
        const sql = underWay.getStore()
        return sql ? run(sql) : inSystemTransaction(db, 'sign-in', async (own) => run(own))
      },
    },
  )
}
