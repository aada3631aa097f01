/** Readings taken at one moment, in milliseconds. */
export type ClockReadings = {
  /** The database clock. */
  database: number
  /** This process's wall clock. */
  wall: number
  /** This process's monotonic clock. */
  monotonic: number
}

/** What the first reading is answered with: it is expected, and nothing is wrong. */
export const firstReading =
  'The clocks have been read only once; no key is destroyed before the second reading.'

const wallToleranceMilliseconds = 5 * 60_000
const jumpToleranceMilliseconds = 60_000
const longestWaitMilliseconds = 86_400_000

/**
 * Decides whether the clocks can be trusted to destroy keys. One wrong clock must not delete keys early, so the wall
 * clock of this process must agree with the database's within 5 minutes, and since the last reading the database clock
 * must not have advanced by more than the monotonic clock plus 60 seconds. The first reading is never trusted: there is
 * nothing to compare it with.
 *
 * Where database and process share a machine, both clocks jump together and agree again a moment later. So a jump is
 * distrusted for as long as it was wide, a day at most: time to set the clock right. A machine that slept an hour
 * destroys an hour later what is due; nobody sees such a key meanwhile anyway.
 */
export class ClockGuard {
  #previous: ClockReadings | null = null
  /** On the monotonic clock: until then the last jump is distrusted. */
  #waitUntil = Number.NEGATIVE_INFINITY

  /** Null when the clocks can be trusted, else what is wrong, as a sentence for the log. */
  check(now: ClockReadings): string | null {
    const previous = this.#previous
    this.#previous = now
    const jumped = previous ? now.database - previous.database - (now.monotonic - previous.monotonic) : 0
    if (jumped > jumpToleranceMilliseconds) {
      this.#waitUntil = Math.max(this.#waitUntil, now.monotonic + Math.min(jumped, longestWaitMilliseconds))
    }
    const apart = Math.abs(now.database - now.wall)
    if (apart > wallToleranceMilliseconds) {
      return `The database clock and this machine's clock are ${Math.round(apart / 1000)} s apart; no key is destroyed until they agree.`
    }
    if (previous === null) return firstReading
    const wait = this.#waitUntil - now.monotonic
    if (wait <= 0) return null
    return `The database clock jumped ahead; no key is destroyed for another ${Math.ceil(wait / 1000)} s, in which the clock can be set right.`
  }
}
