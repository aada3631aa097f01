/** Too much must have lasted this long before it counts, in milliseconds. */
const interval = 20

/** What counts goes on to count until this long after the last time that somebody was turned away, in milliseconds. */
const aftermath = 100

/**
 * Tells what lasts from what passes, as CoDel does (RFC 8289 §3): above the mark without a break for `interval`. Once it
 * lasts it does so until nobody has had to be turned away for `aftermath`: the measures taken against it bring it below
 * the mark, which is no reason to stop taking them.
 */
export class Persistence {
  #above = Number.POSITIVE_INFINITY
  #until = Number.NEGATIVE_INFINITY

  /** It is above the mark. */
  exceeded(now: number): void {
    this.#above = Math.min(this.#above, now)
  }

  /** It is below the mark. */
  recovered(): void {
    this.#above = Number.POSITIVE_INFINITY
  }

  /** Whether it has been above the mark for long enough. */
  hasLasted(now: number): boolean {
    return now - this.#above >= interval
  }

  /** Whether it has lasted and somebody was turned away for it not long ago. */
  isActing(now: number): boolean {
    return now < this.#until
  }

  /** Somebody was turned away. */
  turnedAway(now: number): void {
    this.#until = now + aftermath
  }
}
