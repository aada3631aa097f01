import type { Entry, EntryName } from './entry.ts'
import type { Lease } from './lease.ts'

/** What one operation has read from the cache. Dispose of it when the operation has been answered. */
export class Reading implements Disposable {
  readonly #lease: Lease
  readonly #entries: { get: (name: string) => Entry | undefined }
  readonly #read: Entry[] = []
  readonly #count: (hit: boolean) => void

  /** Made by `SubjectCache.read`. */
  constructor(
    lease: Lease,
    entries: { get: (name: string) => Entry | undefined },
    count: (hit: boolean) => void,
  ) {
    this.#lease = lease
    this.#entries = entries
    this.#count = count
  }

  /** What is cached under this name; it stays usable until this is disposed of, and valid while `stillHolds`. */
  find<T>(name: EntryName<T>): T | undefined {
    const entry = this.#entries.get(name)
    const found = entry !== undefined && this.#lease.holds && this.#holds(entry)
    this.#count(found)
    if (!found) return undefined
    entry.use()
    this.#read.push(entry)
    return entry.value as T
  }

  /**
   * The second check, made synchronously with producing the answer: the lease holds and nothing that was read has been
   * dropped or has ended. If not, the result must be thrown away: a process may have been stopped for any time between
   * its first look and here.
   */
  stillHolds(): boolean {
    return this.#lease.holds && this.#read.every((entry) => this.#holds(entry))
  }

  [Symbol.dispose](): void {
    for (const entry of this.#read) entry.release()
    this.#read.length = 0
  }

  #holds(entry: Entry): boolean {
    return entry.live && (entry.endsAt === null || this.#lease.databaseNow() < entry.endsAt)
  }
}
