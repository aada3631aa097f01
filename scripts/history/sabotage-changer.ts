import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '#lib/db/client.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import type { ChangerSabotage } from './endpoint-messages.ts'

type Awaited = { id: string; fenced: boolean }

/** The commit comes so long after the list, in milliseconds, or earlier once an instance has registered and loaded. */
const listedBefore = 1_500
const loadedAfter = 1_000

/**
 * The database as one changer sees it, without one rule of the protocol: what the changer learns of the instances it has
 * to wait for is cut down on the way. Each changer needs one of its own.
 */
export function sabotagedDatabase(db: Database, sabotage: ChangerSabotage): Database {
  const known = new Set<string>()
  const overlooks: Record<ChangerSabotage, (row: Awaited) => boolean> = {
    'instances listed before the commit': ({ id }) => !known.has(id),
    'fenced instances overlooked': ({ id, fenced }) => {
      if (!fenced) known.add(id)
      return !known.has(id)
    },
  }
  const transaction = async (...given: unknown[]): Promise<unknown> => {
    known.clear()
    if (sabotage === 'instances listed before the commit') {
      for (const { id } of await listInstances(db)) known.add(id)
      const begun = performance.now()
      while (performance.now() - begun < listedBefore) {
        await pause(50)
        if ((await listInstances(db)).every(({ id }) => known.has(id))) continue
        await pause(loadedAfter)
        break
      }
    }
    return (db.$transaction as (...all: unknown[]) => Promise<unknown>)(...given)
  }
  const ask = async (text: TemplateStringsArray, ...values: unknown[]): Promise<unknown> => {
    const rows = await db.$queryRaw(text, ...values)
    if (!text.join('').includes('keystead_close_invalidations')) return rows
    return (rows as Awaited[]).filter((row) => !overlooks[sabotage](row))
  }
  return new Proxy(db, {
    get(target, name) {
      if (name === '$transaction') return transaction
      if (name === '$queryRaw') return ask
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function listInstances(db: Database): Promise<{ id: string }[]> {
  return inSystemTransaction(db, 'administration', (sql) =>
    sql.instance.findMany({ where: { fencedAt: null } }),
  )
}
