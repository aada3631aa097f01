import type { FastifyInstance } from 'fastify'
import { type Database, poolOf } from '#lib/db/client.ts'
import { mayObserve } from './metrics-access.ts'

/** Whether requests can be served, and what does not stop them but somebody should know. */
export type Readiness = {
  status: 'ready' | 'no database' | 'database is read-only' | 'stopping'
  /** Sentences for an operator. */
  warnings: string[]
}

/** A database that takes longer does not answer, as far as callers are concerned. */
const patienceMilliseconds = 1_000

type Reading = {
  read_only: boolean
  standbys: number
  synchronous_commit: string
  synchronous_standby_names: string
}

const question = `SELECT pg_is_in_recovery() AS read_only, (SELECT count(*)::int FROM pg_stat_replication) AS standbys,
  current_setting('synchronous_commit') AS synchronous_commit,
  current_setting('synchronous_standby_names') AS synchronous_standby_names`

/**
 * Looks whether requests could be served now: the database answers within a second, by a connection of the pool that
 * requests use, and can be written. Without a lease they still can, since every call then asks the database; but slower,
 * so that is a warning, and so is what weakens a promise (docs/operate.md): replication that is not synchronous.
 *
 * Who asks while an earlier look is under way gets its outcome: asking often costs the database nothing more.
 *
 * @param lease of this process; absent where none is held by design
 */
export function readinessOf(db: Database, lease?: { readonly holds: boolean }): () => Promise<Readiness> {
  let looking: Promise<Reading | null> | undefined
  return async () => {
    looking ??= look(db).finally(() => {
      looking = undefined
    })
    const reading = await looking
    if (!reading) return { status: 'no database', warnings: [] }
    const warnings = replicationWarnings(reading)
    if (lease && !lease.holds)
      warnings.push('No lease is held, so nothing is cached and every call asks the database.')
    return { status: reading.read_only ? 'database is read-only' : 'ready', warnings }
  }
}

async function look(db: Database): Promise<Reading | null> {
  const timeout = Promise.withResolvers<null>()
  const timer = setTimeout(() => timeout.resolve(null), patienceMilliseconds)
  try {
    const answer = poolOf(db)
      .query<Reading>(question)
      .then(
        ({ rows }) => rows[0] ?? null,
        () => null,
      )
    return await Promise.race([answer, timeout.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** A standby that is not waited for may lack the latest changes when it takes over: a key would be Enabled again. */
function replicationWarnings(reading: Omit<Reading, 'read_only'>): string[] {
  if (reading.standbys === 0) return []
  if (reading.synchronous_standby_names === '')
    return [
      'Replication is asynchronous (synchronous_standby_names is empty): a failover can undo a Disable.',
    ]
  if (reading.synchronous_commit === 'off' || reading.synchronous_commit === 'local')
    return [
      `Replication is asynchronous (synchronous_commit is ${reading.synchronous_commit}): a failover can undo a Disable.`,
    ]
  return []
}

/**
 * `GET /healthz` answers 200 while the process runs. `GET /readyz` answers 200 while requests can be served, else 503,
 * also from the moment on at which the endpoint is told to close. Neither needs a signature; warnings are told to whoever
 * may see them (`mayObserve`).
 */
export function addHealth(
  endpoint: FastifyInstance,
  { readiness, metricsToken }: { readiness: () => Promise<Readiness>; metricsToken: string | undefined },
): void {
  let stopping = false
  endpoint.addHook('preClose', async () => {
    stopping = true
  })

  endpoint.get('/healthz', () => ({ status: 'ok' }))

  endpoint.get('/readyz', async (request, reply) => {
    const found = await readiness()
    const status = stopping ? 'stopping' : found.status
    const asker = { address: request.socket.remoteAddress, headers: request.headers }
    const details = mayObserve(asker, metricsToken) ? { warnings: found.warnings } : {}
    return reply.code(status === 'ready' ? 200 : 503).send({ status, ...details })
  })
}
