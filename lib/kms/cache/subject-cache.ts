import { LRUCache } from 'lru-cache'
import type { Subject } from '../invalidations/subject.ts'
import { Entry, type EntryName } from './entry.ts'
import type { Lease } from './lease.ts'
import { LoadToken } from './load-token.ts'
import { Reading } from './reading.ts'

/** A key in use takes two or three entries, a caller two; an entry of material some kilobytes. */
const entriesMax = 50_000

/** Numbers for people who watch the process. */
export type CacheStatistics = {
  entries: number
  hits: number
  misses: number
  evictions: number
  /** Loads begun. */
  loads: number
}

/**
 * What this instance knows without asking the database: bounded, the least recently used goes first. Each entry depends
 * on subjects and is dropped when one of them changes; see `Instance` for how that is learnt.
 */
export class SubjectCache {
  readonly #lease: Lease
  readonly #entries: LRUCache<string, Entry>
  readonly #bySubject = new Map<string, Set<Entry>>()
  readonly #loads = new Set<LoadToken>()
  #hits = 0
  #misses = 0
  #evictions = 0
  #begun = 0

  constructor(lease: Lease, { max = entriesMax }: { max?: number } = {}) {
    this.#lease = lease
    this.#entries = new LRUCache({ max, dispose: (entry) => this.#forget(entry) })
  }

  get statistics(): CacheStatistics {
    return {
      entries: this.#entries.size,
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
      loads: this.#begun,
    }
  }

  /** The database clock; see `Lease.databaseNow`. */
  databaseNow(): Date {
    return new Date(this.#lease.databaseNow())
  }

  /** Begins to read for one operation; null while there is no lease. */
  read(): Reading | null {
    if (!this.#lease.holds) return null
    return new Reading(this.#lease, this.#entries, (hit) => {
      if (hit) this.#hits++
      else this.#misses++
    })
  }

  /** Called before a load reads anything from the database; `end` must follow. Null while there is no lease. */
  begin(): LoadToken | null {
    if (!this.#lease.holds) return null
    const token = new LoadToken()
    this.#begun++
    this.#loads.add(token)
    return token
  }

  /** The load has kept what it wanted to keep. */
  end(token: LoadToken | null): void {
    if (token) this.#loads.delete(token)
  }

  /** Whether something is cached under this name. */
  has(name: EntryName<unknown>): boolean {
    return this.#entries.has(name)
  }

  /**
   * Keeps what a load has read, unless it may be out of date already.
   *
   * @param token of the load that read it, at READ COMMITTED after `begin`
   * @param subjects everything the value was made from
   * @param endsAt the moment from which it may not be used, by the database clock
   * @returns whether it was kept; then the cache disposes of the value, else the caller does
   */
  keep<T>(
    token: LoadToken | null,
    name: EntryName<T>,
    value: T,
    subjects: readonly Subject[],
    endsAt: Date | null = null,
  ): boolean {
    if (!token || !this.#loads.has(token) || token.isPoisoned(subjects) || !this.#lease.holds) return false
    const entry = new Entry(name, value, subjects, endsAt?.getTime() ?? null)
    this.#entries.set(name, entry)
    for (const subject of subjects) {
      const dependent = this.#bySubject.get(subject)
      if (dependent) dependent.add(entry)
      else this.#bySubject.set(subject, new Set([entry]))
    }
    return true
  }

  /** A subject changed: what depends on it is dropped, and what is being loaded is not kept. Synchronous. */
  evict(subject: string): void {
    for (const token of this.#loads) token.poison(subject)
    for (const entry of [...(this.#bySubject.get(subject) ?? [])]) {
      this.#evictions++
      // Whatever has taken its place under the same name depends on the same subject, or was loaded later.
      if (this.#entries.peek(entry.name) === entry) this.#entries.delete(entry.name)
      else this.#forget(entry)
    }
  }

  /** Drops everything, and keeps nothing of what is being loaded. Synchronous. */
  clear(): void {
    for (const token of this.#loads) token.poisonAll()
    this.#entries.clear()
  }

  /** The entry is no longer found: it was evicted, replaced, or not used for the longest time. */
  #forget(entry: Entry): void {
    entry.drop()
    for (const subject of entry.subjects) {
      const dependent = this.#bySubject.get(subject)
      dependent?.delete(entry)
      if (dependent?.size === 0) this.#bySubject.delete(subject)
    }
  }
}
