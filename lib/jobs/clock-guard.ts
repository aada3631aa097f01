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

/**
 * Decides whether the clocks can be trusted to destroy keys. One wrong clock must not delete keys early, so the wall
 * clock of this process must agree with the database's within 5 minutes, and since the last reading the database clock
 * must not have advanced by more than the monotonic clock plus 60 seconds. The first reading is never trusted: there is
 * nothing to compare it with.
 */
export class ClockGuard {
  #previous: ClockReadings | null = null

  /** Null when the clocks can be trusted, else what is wrong, as a sentence for the log. */
  check(now: ClockReadings): string | null {
    const previous = this.#previous
    this.#previous = now
    const apart = Math.abs(now.database - now.wall)
    if (apart > wallToleranceMilliseconds) {
      return `The database clock and this machine's clock are ${Math.round(apart / 1000)} s apart; no key is destroyed until they agree.`
    }
    if (previous === null) return firstReading
    const jumped = now.database - previous.database - (now.monotonic - previous.monotonic)
    if (jumped > jumpToleranceMilliseconds) {
      return `The database clock jumped ahead by ${Math.round(jumped / 1000)} s; no key is destroyed in this round.`
    }
    return null
  }
}
