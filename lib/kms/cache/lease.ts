import { leaseMarginMilliseconds, leaseMilliseconds } from '../invalidations/lease-times.ts'

/** The clocks of this machine, in milliseconds. */
export type Clocks = { monotonic: () => number; wall: () => number }

const ownClocks: Clocks = { monotonic: () => performance.now(), wall: () => Date.now() }

/** Both clocks at one moment. */
export type Moment = { monotonic: number; wall: number }

/**
 * Until when this instance may use what it has cached. Two clocks must agree, since neither is enough: the monotonic one
 * stands still while a virtual machine is suspended, the wall clock may be set back.
 */
export class Lease {
  readonly #clocks: Clocks
  #monotonicEnd = Number.NEGATIVE_INFINITY
  #wallEnd = Number.NEGATIVE_INFINITY
  #databaseAhead = 0

  /** @param clocks for tests; production uses the machine's. */
  constructor(clocks: Clocks = ownClocks) {
    this.#clocks = clocks
  }

  /** What the clocks say now; a renewal begins with it. */
  moment(): Moment {
    return { monotonic: this.#clocks.monotonic(), wall: this.#clocks.wall() }
  }

  /**
   * A renewal has been committed.
   *
   * @param begun before the renewal asked for anything: the lease runs from then
   * @param databaseNow the database clock as the renewal read it
   */
  renew(begun: Moment, databaseNow: Date): void {
    const lasts = leaseMilliseconds - leaseMarginMilliseconds
    this.#monotonicEnd = begun.monotonic + lasts
    this.#wallEnd = begun.wall + lasts
    this.#databaseAhead = databaseNow.getTime() - begun.monotonic
  }

  /** Ends it at once. */
  end(): void {
    this.#monotonicEnd = Number.NEGATIVE_INFINITY
    this.#wallEnd = Number.NEGATIVE_INFINITY
  }

  /** Whether what is cached may be used at this moment. */
  get holds(): boolean {
    return this.#clocks.monotonic() < this.#monotonicEnd && this.#clocks.wall() < this.#wallEnd
  }

  /**
   * The database clock in milliseconds, as far as it is known without asking: a little ahead, never behind, so that what
   * ends at a moment is not used after it. Only while the lease holds.
   */
  databaseNow(): number {
    return this.#clocks.monotonic() + this.#databaseAhead
  }
}
