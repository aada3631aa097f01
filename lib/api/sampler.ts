type Window = { since: number; taken: number; left: number }

/**
 * Lets through the first few of each kind in a stretch of time and counts the rest, so that a thousand faults a second
 * do not become a thousand lines a second. Kinds must come from a closed list: each one is remembered.
 */
export class Sampler {
  readonly #max: number
  readonly #milliseconds: number
  readonly #now: () => number
  readonly #windows = new Map<string, Window>()

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
    let window = this.#windows.get(kind)
    if (!window || now - window.since >= this.#milliseconds) {
      window = { since: now, taken: 0, left: window?.left ?? 0 }
      this.#windows.set(kind, window)
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
}
