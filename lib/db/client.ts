import { PrismaPg } from '@prisma/adapter-pg'
import { Pool } from 'pg'
import { PrismaClient } from './generated/client.ts'
import { statementNames } from './prepared-statements.ts'

/** The typed client over one bounded pool of application connections. */
export type Database = PrismaClient

/** How a pool stands now, in connections and in those who wait for one. */
export type PoolStatistics = { size: number; idle: number; waiting: number; max: number }

const pools = new WeakMap<Database, Pool>()

/**
 * Opens a pool of connections that work as the role `keystead_app`: it owns nothing and is subject to row-level
 * security. Nothing connects until the first query.
 *
 * @param options.connections the most connections the pool holds at once
 * @param options.applicationName shown in pg_stat_activity
 * @param options.transactionSeconds how long a statement may take, and a transaction wait for its next one, before the
 *   server gives it up with its locks; 15 unless told
 * @param options.connectSeconds how long whoever needs a connection waits for one; 3 unless told
 */
export function openDatabase(
  connectionString: string,
  options: {
    connections: number
    applicationName: string
    transactionSeconds?: number
    connectSeconds?: number
  },
): Database {
  const milliseconds = 1_000 * (options.transactionSeconds ?? 15)
  const connectMilliseconds = 1_000 * (options.connectSeconds ?? 3)
  const pool = new Pool({
    connectionString,
    max: options.connections,
    application_name: options.applicationName,
    // pg has no connect timeout of its own: without one a dead database hangs every request.
    connectionTimeoutMillis: connectMilliseconds,
    statement_timeout: milliseconds,
    // Less, so that waiting for a lock is told from a slow statement, and tried again.
    lock_timeout: milliseconds / 3,
    idle_in_transaction_session_timeout: milliseconds,
    // Every disk is an SSD by now, where reading an index costs little more than reading a table; and compiling a
    // statement that takes milliseconds would take longer than running it.
    options: '-c role=keystead_app -c timezone=UTC -c random_page_cost=1.1 -c jit=off',
  })
  // A connection that breaks while idle is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => undefined)
  const adapter = new PrismaPg(pool, {
    disposeExternalPool: true,
    statementNameGenerator: statementNames(),
  })
  const db = new PrismaClient({
    adapter,
    // The longer formats print the values of a call that was not valid, and errors are logged.
    errorFormat: 'minimal',
    transactionOptions: { maxWait: connectMilliseconds, timeout: 20_000 },
  })
  pools.set(db, pool)
  return db
}

/** The pool under a client that `openDatabase` opened, for questions that need no typed client. */
export function poolOf(db: Database): Pool {
  const pool = pools.get(db)
  if (!pool) throw new Error('this client was not opened by openDatabase')
  return pool
}

/** How the pool under a client stands now. */
export function poolStatistics(db: Database): PoolStatistics {
  const { totalCount, idleCount, waitingCount, options } = poolOf(db)
  return { size: totalCount, idle: idleCount, waiting: waitingCount, max: options.max }
}
