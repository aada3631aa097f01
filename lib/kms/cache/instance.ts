import { randomUUID } from 'node:crypto'
import type { Client, QueryResult } from 'pg'
import type { Logger } from 'pino'
import { openDirectConnection } from '#lib/db/direct-connection.ts'
import { renewEveryMilliseconds } from '../invalidations/lease-times.ts'
import { type SubjectKind, subjectOf } from '../invalidations/subject.ts'
import { type Clocks, Lease, type Moment } from './lease.ts'
import { SubjectCache } from './subject-cache.ts'

/** What an instance is made of. */
export type InstanceOptions = {
  /** Leads to the primary database itself, not through a pooler. */
  connectionString: string
  /** Where this process runs, such as `endpoint at host-a:3001`: told to whoever waits for it. */
  name: string
  /** Told when the lease begins to hold and when it ends; an outage is one line, not one a second. */
  log: Pick<Logger, 'info' | 'warn'>
  /** Tests only. */
  clocks?: Clocks
  /** Tests only: the most entries that are cached. */
  entriesMax?: number
}

/** Numbers for people who watch the process. */
export type InstanceStatistics = {
  renewals: number
  failedRenewals: number
  registrations: number
  /** Invalidations that this instance has obeyed. */
  acknowledged: number
}

/** An open invalidation that this instance has not acknowledged. */
type OpenInvalidation = { id: string; subject: string }

/** The server that the lease is of: another one, or one that was promoted, may have lost what this one committed. */
type Renewed = { now: Date; server: string }

/** A renewal takes milliseconds; one that takes this long is given up with its connection. */
const queryTimeout = 1_500

/**
 * Obeyed in one transaction. A plan can disable a hundred thousand keys, and to acknowledge them all at once would take
 * longer than a statement may: the instance would never get a lease, and be waited for by everyone.
 */
const obeyedMax = 5_000

/** How soon a lost connection is tried again. */
const retryMilliseconds = 250

/**
 * A process that caches. It registers before it caches anything, renews its lease every second, and with each renewal
 * obeys every open invalidation it has not acknowledged: drops the subjects, poisons the loads under way, and only then
 * acknowledges. They are found by what is missing, never by a highest number seen, since transactions do not commit in
 * the order of their numbers. NOTIFY only makes it renew at once.
 *
 * Found fenced, or gone, it drops everything and registers anew under another id.
 */
export class Instance {
  readonly lease: Lease
  readonly cache: SubjectCache
  readonly statistics: InstanceStatistics = {
    renewals: 0,
    failedRenewals: 0,
    registrations: 0,
    acknowledged: 0,
  }
  readonly #options: InstanceOptions
  #id: string | null = null
  #client: Client | null = null
  #server: string | null = null
  #stopping = false
  #held = false
  #loop: Promise<void> = Promise.resolve()
  #wake: () => void = () => undefined
  #woken = false

  constructor(options: InstanceOptions) {
    this.#options = options
    this.lease = new Lease(options.clocks)
    const { entriesMax } = options
    this.cache = new SubjectCache(this.lease, entriesMax === undefined ? {} : { max: entriesMax })
  }

  /** Registers and begins to renew. Returns after the first renewal, or after it failed: it is tried again for ever. */
  async start(): Promise<void> {
    await this.#attempt()
    this.#loop = this.#run()
  }

  /** Stops caching, takes the instance off the register, and lets go of the connection. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#wake()
    await this.#loop
    this.lease.end()
    this.cache.clear()
    const client = this.#client
    if (client && this.#id) {
      await withdraw(client, this.#id).catch(() => undefined)
    }
    await this.#disconnect()
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      await this.#untilWoken(this.#client ? renewEveryMilliseconds : retryMilliseconds)
      if (!this.#stopping) await this.#attempt()
    }
  }

  /** A notification that came during a renewal may be about what that renewal was too early to see. */
  async #untilWoken(milliseconds: number): Promise<void> {
    if (this.#woken || this.#stopping) {
      this.#woken = false
      return
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#woken = false
  }

  async #attempt(): Promise<void> {
    try {
      this.#client ??= await this.#connect()
      await this.#renew(this.#client)
      this.statistics.renewals++
      if (!this.#held) this.#options.log.info('the lease holds: keys are used from the cache')
      this.#held = true
    } catch (error) {
      this.statistics.failedRenewals++
      if (this.#held) {
        this.#options.log.warn({ err: error }, 'the lease could not be renewed: every call asks the database')
      }
      this.#held = false
      await this.#disconnect()
    }
  }

  async #connect(): Promise<Client> {
    const { connectionString } = this.#options
    const client = await openDirectConnection(connectionString, 'keystead instance', queryTimeout)
    client.on('notification', () => {
      this.#woken = true
      this.#wake()
    })
    try {
      await client.query(`SET ROLE keystead_app; SET TimeZone = 'UTC'; SET keystead.system = 'instance';
        SET lock_timeout = '1s'; SET statement_timeout = '1s'; SET idle_in_transaction_session_timeout = '2s';
        LISTEN keystead_invalidation`)
    } catch (error) {
      await client.end().catch(() => undefined)
      throw error
    }
    return client
  }

  /** Ending a connection that is silently dead would wait for it. */
  async #disconnect(): Promise<void> {
    const client = this.#client
    this.#client = null
    if (!client) return
    const ended = client.end().catch(() => undefined)
    const timeout = setTimeout(() => client.connection.stream.destroy(), retryMilliseconds)
    await ended
    clearTimeout(timeout)
  }

  async #renew(client: Client): Promise<void> {
    if (this.#id && (await this.#renewAll(client, this.#id))) return
    await this.#register(client)
    if (this.#id && (await this.#renewAll(client, this.#id))) return
    throw new Error('the instance was fenced as soon as it had registered')
  }

  /** False: this instance is fenced, unknown, or the server is another one; it may not use what it has cached. */
  async #renewAll(client: Client, id: string): Promise<boolean> {
    for (;;) {
      const begun = this.lease.moment()
      const outcome = await this.#renewOnce(client, id, begun)
      if (outcome !== 'more') return outcome === 'renewed'
    }
  }

  /** `more`: there may be invalidations left to obey, and the lease was not renewed. */
  async #renewOnce(client: Client, id: string, begun: Moment): Promise<'renewed' | 'refused' | 'more'> {
    try {
      const renewed = await beginAndRenew(client, id)
      if (!renewed || (this.#server !== null && this.#server !== renewed.server)) {
        await client.query('ROLLBACK')
        // Not known: whichever server answers next is taken, since by then nothing is left that another one has said.
        this.#server = renewed?.server ?? null
        return 'refused'
      }
      this.#server = renewed.server
      const open = await this.readOpenInvalidations(client, id)
      for (const { subject } of open) this.cache.evict(subject)
      await client.query(open.length > 0 ? `${acknowledging(client, id, open)}; COMMIT` : 'COMMIT')
      this.statistics.acknowledged += open.length
      if (open.length === obeyedMax) return 'more'
      this.lease.renew(begun, renewed.now)
      return 'renewed'
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined)
      throw error
    }
  }

  /** What this instance must drop before it may renew. */
  protected async readOpenInvalidations(client: Client, id: string): Promise<OpenInvalidation[]> {
    const { rows } = await client.query<{
      id: string
      account_id: string
      subject_kind: SubjectKind
      subject_id: string
    }>(
      `SELECT v.id, v.account_id, v.subject_kind, v.subject_id FROM invalidation v
       WHERE v.closed_at IS NULL AND NOT EXISTS (
         SELECT 1 FROM invalidation_acknowledgement a WHERE a.invalidation_id = v.id AND a.instance_id = $1)
       ORDER BY v.id LIMIT $2`,
      [id, obeyedMax],
    )
    return rows.map((row) => ({
      id: row.id,
      subject: subjectOf(row.subject_kind, row.account_id, row.subject_id),
    }))
  }

  /** Under a fresh id, with nothing cached: whoever waits for the old one need not wait any longer. */
  async #register(client: Client): Promise<void> {
    this.lease.end()
    this.cache.clear()
    const old = this.#id
    this.#id = null
    if (old) await withdraw(client, old)
    const id = randomUUID()
    // Before it is certain: if the answer is lost, the next renewal finds out.
    this.#id = id
    await client.query(`INSERT INTO instance (id, kind, name) VALUES ($1, 'endpoint', $2)`, [
      id,
      this.#options.name,
    ])
    this.statistics.registrations++
  }
}

// Whoever disables a key waits for every round trip of a renewal, of every instance. What begins and what ends the
// transaction is therefore sent with its first and its last statement, which needs literals: no such message takes
// parameters.

/** Locks the row of the instance, so that nobody fences it before the renewal is committed. Null: it may not renew. */
async function beginAndRenew(client: Client, id: string): Promise<Renewed | null> {
  const answers: unknown = await client.query(
    `BEGIN; UPDATE instance SET renewed_at = clock_timestamp()
     WHERE id = ${client.escapeLiteral(id)} AND fenced_at IS NULL
     RETURNING clock_timestamp() AS now, (SELECT system_identifier::text FROM pg_control_system()) || ' '
       || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS server`,
  )
  // One answer for each statement; the types of node-postgres know of one.
  const [, { rows }] = answers as [QueryResult, QueryResult<Renewed>]
  return rows[0] ?? null
}

function acknowledging(client: Client, id: string, open: readonly OpenInvalidation[]): string {
  const ids = open.map((invalidation) => BigInt(invalidation.id))
  return `INSERT INTO invalidation_acknowledgement (invalidation_id, instance_id)
    SELECT v, ${client.escapeLiteral(id)}::uuid FROM unnest(ARRAY[${ids.join(',')}]::bigint[]) AS v`
}

async function withdraw(client: Client, id: string): Promise<void> {
  await client.query('DELETE FROM instance WHERE id = $1', [id])
}
