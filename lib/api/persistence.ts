/** Too much must have lasted this long before it counts (the `INTERVAL` of RFC 8289, for turns of a loop). */
const intervalMilliseconds = 20

/** It is acted on until this long after the last time that it was necessary. */
const aftermathMilliseconds = 100

/**
 * Tells what lasts from what passes, as CoDel does (RFC 8289 §3): above the mark without a break for
 * `intervalMilliseconds`. Once it is acted on, that goes on until it has not been necessary for `aftermathMilliseconds`:
 * the measures taken against it bring it below the mark, which is no reason to stop taking them.
 *
 * All moments are milliseconds of one clock that never steps back.
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
    return now - this.#above >= intervalMilliseconds
  }

  /** Whether it is still acted on: `act` was called not long ago. */
  isActing(now: number): boolean {
    return now < this.#until
  }

  /** It is acted on from now on, or still has to be. */
  act(now: number): void {
    this.#until = now + aftermathMilliseconds
  }
}
