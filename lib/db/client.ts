import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from './generated/client.ts'

/** The typed client over one bounded pool of application connections. */
export type Database = PrismaClient

/**
 * Opens a pool of connections that work as the role `keystead_app`: it owns nothing and is subject to row-level
 * security. Nothing connects until the first query.
 *
 * @param options.connections the most connections the pool holds at once
 * @param options.applicationName shown in pg_stat_activity
 */
export function openDatabase(
  connectionString: string,
  options: { connections: number; applicationName: string },
): Database {
  const adapter = new PrismaPg({
    connectionString,
    max: options.connections,
    application_name: options.applicationName,
    // pg has no connect timeout of its own: without one a dead database hangs every request.
    connectionTimeoutMillis: 3_000,
    statement_timeout: 15_000,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 15_000,
    // Every disk is an SSD by now, where reading an index costs little more than reading a table; and compiling a
    // statement that takes milliseconds would take longer than running it.
    options: '-c role=keystead_app -c timezone=UTC -c random_page_cost=1.1 -c jit=off',
  })
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 3_000, timeout: 20_000 } })
}
