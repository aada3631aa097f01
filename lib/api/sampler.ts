type Window = { since: number; taken: number; left: number }

/** So many kinds are told apart at a time. */
export const kindsMax = 100

/**
 * Lets through the first few of each kind in a stretch of time and counts the rest, so that a thousand faults a second
 * do not become a thousand lines a second.
 *
 * Kinds may come from an open list. Once `kindsMax` of them are remembered, those whose time is over are forgotten, and
 * what finds no place even then counts as one kind with all that find none. What a forgotten kind kept back is told with
 * the next of those.
 */
export class Sampler {
  readonly #max: number
  readonly #milliseconds: number
  readonly #now: () => number
  readonly #windows = new Map<string, Window>()
  /** Of all kinds that find no place. */
  readonly #others: Window = { since: Number.NEGATIVE_INFINITY, taken: 0, left: 0 }

  /**
   * @param options.max how many of a kind pass
   * @param options.milliseconds in so long
   * @param now milliseconds of a clock that never steps back
   */
  constructor(options: { max: number; milliseconds: number }, now: () => number) {
    this.#max = options.max
    this.#milliseconds = options.milliseconds
    this.#now = now
  }

  /** Whether this one passes: how many of its kind did not since the last that did, or null if it does not either. */
  take(kind: string): number | null {
    const now = this.#now()
    const window = this.#windows.get(kind) ?? this.#open(kind, now)
    if (this.#isOver(window, now)) {
      window.since = now
      window.taken = 0
    }
    if (window.taken >= this.#max) {
      window.left++
      return null
    }
    const { left } = window
    window.taken++
    window.left = 0
    return left
  }

  #isOver(window: Window, now: number): boolean {
    return now - window.since >= this.#milliseconds
  }

  #open(kind: string, now: number): Window {
    if (this.#windows.size >= kindsMax) this.#forget(now)
    if (this.#windows.size >= kindsMax) return this.#others
    const window = { since: now, taken: 0, left: 0 }
    this.#windows.set(kind, window)
    return window
  }

  #forget(now: number): void {
    for (const [kind, window] of this.#windows) {
      if (!this.#isOver(window, now)) continue
      this.#others.left += window.left
      this.#windows.delete(kind)
    }
  }
}
