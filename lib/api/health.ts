import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { type Database, poolOf } from '#lib/db/client.ts'
import { mayObserve } from './metrics-access.ts'

/** Whether requests can be served, and what does not stop them but somebody should know. */
export type Readiness = {
  status: 'ready' | 'no database' | 'database is read-only' | 'stopping'
  /** Sentences for an operator. */
  warnings: string[]
  /** What is behind a status that is not `ready`, if it is known. For the log alone: nobody who asks is told. */
  cause?: unknown
}

/** A database that takes longer does not answer, as far as callers are concerned. */
const patienceMillisecondsDefault = 1_000

type DatabaseState = {
  /** A standby, or one that somebody has made read-only, as hosts do when the disk is nearly full. */
  read_only: boolean
  standbys: number
  synchronous_commit: string
  synchronous_standby_names: string
}

const question = `SELECT current_setting('transaction_read_only') = 'on' AS read_only, (SELECT count(*)::int FROM pg_stat_replication) AS standbys,
  current_setting('synchronous_commit') AS synchronous_commit,
  current_setting('synchronous_standby_names') AS synchronous_standby_names`

/**
 * Looks whether requests could be served now: the database answers within a second, by a connection of the pool that
 * requests use, and can be written. Without a lease they still can, since every call then asks the database; but slower,
 * so that is a warning, and so is what weakens a promise (docs/operate.md): replication that is not synchronous.
 *
 * There is one look at a time. Who asks while one is under way gets its outcome, so asking often costs the database
 * nothing more, and takes no more than one connection of the pool also where it hangs: a second later that one is let go.
 *
 * @param lease of this process; absent where none is held by design
 * @param options.patienceMilliseconds tests only: another time than a second
 */
export function readinessOf(
  db: Database,
  lease?: { readonly holds: boolean },
  { patienceMilliseconds = patienceMillisecondsDefault } = {},
): () => Promise<Readiness> {
  let looking: Promise<Look> | undefined
  return async () => {
    looking ??= look(db, patienceMilliseconds).finally(() => {
      looking = undefined
    })
    const found = await inTime(looking, patienceMilliseconds)
    if ('cause' in found) return { status: 'no database', warnings: [], cause: found.cause }
    const warnings = replicationWarnings(found)
    if (lease && !lease.holds)
      warnings.push('No lease is held, so nothing is cached and every call asks the database.')
    return { status: found.read_only ? 'database is read-only' : 'ready', warnings }
  }
}

type Look = DatabaseState | { cause: unknown }

/** Ends when the question was answered or given up; before that, the pool may take its time to connect. */
async function look(db: Database, patienceMilliseconds: number): Promise<Look> {
  // Known to node-postgres, though not to its types: with the answer not there in time the connection is given up too.
  const asked = { text: question, query_timeout: patienceMilliseconds }
  try {
    const { rows } = await poolOf(db).query<DatabaseState>(asked)
    return rows[0] ?? { cause: new Error('The database answered without a row.') }
  } catch (cause) {
    return { cause }
  }
}

async function inTime(looking: Promise<Look>, milliseconds: number): Promise<Look> {
  const timeout = Promise.withResolvers<Look>()
  const timer = setTimeout(() => {
    timeout.resolve({ cause: new Error(`The database did not answer within ${milliseconds} ms.`) })
  }, milliseconds)
  try {
    return await Promise.race([looking, timeout.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** A standby that is not waited for may lack the latest changes when it takes over: a key would be Enabled again. */
function replicationWarnings(state: Omit<DatabaseState, 'read_only'>): string[] {
  if (state.standbys === 0) return []
  if (state.synchronous_standby_names === '')
    return [
      'Replication is asynchronous (synchronous_standby_names is empty): a failover can undo a Disable.',
    ]
  if (state.synchronous_commit === 'off' || state.synchronous_commit === 'local')
    return [
      `Replication is asynchronous (synchronous_commit is ${state.synchronous_commit}): a failover can undo a Disable.`,
    ]
  return []
}

/**
 * `GET /healthz` answers 200 while the process runs. `GET /readyz` answers 200 while requests can be served, else 503.
 * Once the endpoint is told to close it takes no connections, and questions that came before are answered 503, `stopping`.
 * Neither needs a signature; warnings are told to whoever may see them (`mayObserve`). The log is told when the status is
 * another than at the last question, with the cause.
 */
export function addHealth(
  endpoint: FastifyInstance,
  {
    readiness,
    metricsToken,
    log,
  }: { readiness: () => Promise<Readiness>; metricsToken: string | undefined; log: Logger | null },
): void {
  let stopping = false
  let last: Readiness['status'] = 'ready'
  const note = ({ status, cause }: Readiness): void => {
    if (status === last) return
    last = status
    if (status === 'ready') log?.info('the endpoint is ready again')
    else log?.warn({ status, ...(cause === undefined ? {} : { err: cause }) }, 'the endpoint is not ready')
  }
  endpoint.addHook('preClose', async () => {
    stopping = true
  })

  endpoint.get('/healthz', () => ({ status: 'ok' }))

  endpoint.get('/readyz', async (request, reply) => {
    const found = await readiness()
    note(found)
    const status = stopping ? 'stopping' : found.status
    const asker = { address: request.socket.remoteAddress, headers: request.headers }
    const details = mayObserve(asker, metricsToken) ? { warnings: found.warnings } : {}
    return reply.code(status === 'ready' ? 200 : 503).send({ status, ...details })
  })
}
