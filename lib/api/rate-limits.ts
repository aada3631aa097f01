import { KmsError } from '#lib/kms/model/errors.ts'
import type { RateClass } from './operation.ts'

/** Calls per second of one user, and of all users together (Huawei KMS, quotas). */
export type Rates = Record<RateClass, { perUser: number; together: number }>

/** The product's published rates; it names no common one for calls in general. */
export const publishedRates: Rates = {
  general: { perUser: 20, together: Number.POSITIVE_INFINITY },
  'life-cycle': { perUser: 20, together: 100 },
  'data-key': { perUser: 800, together: 1_000 },
  sign: { perUser: 300, together: 500 },
}

/** Beyond so many the ones that are full again are forgotten: forgetting a full bucket changes nothing. */
const bucketsMax = 10_000

type Bucket = { level: number; at: number }

/**
 * Counts calls per second in this process: a bucket per user and kind of call, which holds one second's worth and
 * refills evenly, and one per kind for all users together.
 */
export class RateLimits {
  readonly #rates: Rates
  readonly #now: () => number
  readonly #buckets = new Map<string, Bucket>()
  #forgotAt = Number.NEGATIVE_INFINITY

  /** @param now milliseconds of a clock that never steps back; tests give their own */
  constructor(rates: Rates, now: () => number = () => performance.now()) {
    this.#rates = rates
    this.#now = now
  }

  /**
   * Counts one call.
   *
   * @throws {KmsError} rateExceeded; a call that is turned away is not counted
   */
  admit(userId: string, rate: RateClass): void {
    const { perUser, together } = this.#rates[rate]
    const own = this.#bucket(`${rate} ${userId}`, perUser)
    const shared = this.#bucket(rate, together)
    if (own.level < 1 || shared.level < 1) throw new KmsError('rateExceeded', { values: { seconds: 1 } })
    own.level--
    shared.level--
    this.#forgetFull()
  }

  #bucket(name: string, perSecond: number): Bucket {
    const now = this.#now()
    const known = this.#buckets.get(name)
    const level = known
      ? Math.min(perSecond, known.level + ((now - known.at) / 1_000) * perSecond)
      : perSecond
    const bucket = { level, at: now }
    this.#buckets.set(name, bucket)
    return bucket
  }

  #forgetFull(): void {
    const now = this.#now()
    if (this.#buckets.size <= bucketsMax || now - this.#forgotAt < 1_000) return
    this.#forgotAt = now
    for (const [name, { at }] of this.#buckets) if (now - at >= 1_000) this.#buckets.delete(name)
  }
}
