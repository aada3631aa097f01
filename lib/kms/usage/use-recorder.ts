import type { Logger } from 'pino'
import type { Database } from '#lib/db/client.ts'
import type { KmsContext, UseRecorder } from '../context.ts'
import { jobsContext } from '../jobs-context.ts'
import type { RootKey } from '../root-key/root-key.ts'
import { dataEvent, type NotedUse, noteUse } from './data-event.ts'
import type { UseOfKey } from './record-use.ts'
import { type AccountCounts, stepsMax, UseCounts } from './use-counts.ts'
import { writeDataEvents } from './write-data-events.ts'
import { writeUseCounts } from './write-use-counts.ts'

export type RecorderOptions = {
  db: Database
  rootKey: RootKey
  log: Pick<Logger, 'warn'>
  /** Tests only: the moments of uses. */
  clock?: () => Date
  /** Tests only: data events that are held at most. */
  eventsMax?: number
}

/** A use is in the audit chain after at most this long. */
const eventsEveryMilliseconds = 1_000
/** A counter is written after at most five seconds, of many a part every half second. */
const countsEveryMilliseconds = 5_000 / stepsMax
/** About 20 MB. Beyond it the oldest are let go of, and their number is recorded. */
const eventsHeldMax = 50_000

/**
 * Notes uses of keys in this process and writes them in batches: data events once a second into the audit chain of the
 * account that owns the key, counters within five seconds. One per process. What cannot be written is tried again; a
 * crash loses what was not written yet, a second of data events and five of counters at most. When a commit is lost on
 * its way back, its batch is written twice.
 */
export class BatchedUseRecorder implements UseRecorder {
  readonly #options: RecorderOptions
  readonly #eventsMax: number
  readonly #counts = new UseCounts()
  #events: NotedUse[] = []
  #beingWritten = 0
  readonly #lost = new Map<string, number>()
  #lostInAll = 0
  #eventsTimer: NodeJS.Timeout | undefined
  #countsTimer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#eventsMax = options.eventsMax ?? eventsHeldMax
  }

  /** How many uses are not in the audit chain yet, and how many never will be. */
  get statistics(): { eventsWaiting: number; eventsLost: number } {
    return { eventsWaiting: this.#events.length + this.#beingWritten, eventsLost: this.#lostInAll }
  }

  /** Takes note of a use; it neither waits nor fails. */
  add(ctx: KmsContext, use: UseOfKey): void {
    const at = this.#options.clock?.() ?? new Date()
    this.#events.push(noteUse(ctx, use, at))
    // Half at a time: letting go of one by one would move all the others each time.
    if (this.#events.length > this.#eventsMax) this.#letGo(Math.ceil(this.#eventsMax / 2))
    this.#counts.add(ctx, use, at)
    this.#schedule()
  }

  /** Writes everything that is held now. What cannot be written is kept and tried again later. */
  async flush(): Promise<void> {
    await this.#once(() => this.#writeEvents())
    await this.#once(() => this.#writeCounts(this.#counts.takeAll()))
  }

  /** Writes everything and tries no further, and logs what is lost by that; call it once nothing is added any more. */
  async stop(): Promise<void> {
    await this.flush()
    clearTimeout(this.#eventsTimer)
    clearTimeout(this.#countsTimer)
    const { eventsWaiting } = this.statistics
    if (eventsWaiting > 0) this.#options.log.warn({ uses: eventsWaiting }, 'uses of keys were never recorded')
  }

  #schedule(): void {
    this.#eventsTimer ??= this.#after(eventsEveryMilliseconds, async () => {
      this.#eventsTimer = undefined
      await this.#writeEvents()
    })
    this.#countsTimer ??= this.#after(countsEveryMilliseconds, async () => {
      this.#countsTimer = undefined
      try {
        await this.#writeCounts(this.#counts.takeDue())
      } finally {
        if (!this.#counts.empty) this.#schedule()
      }
    })
  }

  #after(milliseconds: number, work: () => Promise<void>): NodeJS.Timeout {
    // It keeps no process alive: whoever ends in order calls `stop`.
    return setTimeout(() => void this.#once(work), milliseconds).unref()
  }

  /** One write after another: two at once would only wait for each other's locks. */
  #once(work: () => Promise<void>): Promise<void> {
    this.#writing = this.#writing.then(work).catch((error: unknown) => {
      this.#options.log.warn({ err: error }, 'uses of keys were not recorded and will be tried again')
      this.#schedule()
    })
    return this.#writing
  }

  async #writeEvents(): Promise<void> {
    const byAccount = Map.groupBy(this.#events, ({ ownerId }) => ownerId)
    this.#beingWritten = this.#events.length
    this.#events = []
    const failures: unknown[] = []
    for (const accountId of new Set([...byAccount.keys(), ...this.#lost.keys()])) {
      const pending = byAccount.get(accountId) ?? []
      const lost = this.#lost.get(accountId) ?? 0
      this.#lost.delete(accountId)
      try {
        const ctx = jobsContext(this.#options, accountId)
        await writeDataEvents(ctx, () => pending.map(dataEvent), lost)
      } catch (error) {
        failures.push(error)
        this.#lost.set(accountId, lost + (this.#lost.get(accountId) ?? 0))
        this.#events = [...pending, ...this.#events]
      }
      this.#beingWritten -= pending.length
    }
    const beyond = this.#events.length - this.#eventsMax
    if (beyond > 0) this.#letGo(beyond)
    if (failures.length > 0) throw new AggregateError(failures, 'data events were not written')
  }

  async #writeCounts(taken: Map<string, AccountCounts>): Promise<void> {
    const failures: unknown[] = []
    for (const [accountId, counts] of taken) {
      const failed = await writeUseCounts(jobsContext(this.#options, accountId), counts)
      if (!failed) continue
      failures.push(failed.error)
      this.#counts.giveBack(accountId, failed.rest)
    }
    if (failures.length > 0) throw new AggregateError(failures, 'counters of uses were not written')
  }

  #letGo(count: number): void {
    this.#lostInAll += count
    for (const { ownerId } of this.#events.splice(0, count)) {
      this.#lost.set(ownerId, (this.#lost.get(ownerId) ?? 0) + 1)
    }
  }
}
