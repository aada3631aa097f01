import type { Logger } from 'pino'
import type { Answer } from './error-body.ts'
import { codeOf, type EndpointMetrics, noOperation } from './metrics.ts'

/** Refusals of one kind are told at most so often. */
const sampleEveryMilliseconds = 10_000

/** What a request is known by. */
export type CallOrigin = { requestId: string; sourceAddress: string | null }

/** Whom a request turned out to come from. */
export type KnownCaller = { userId: string; accessKeyId: string | null }

/** One request as it is seen from outside, until `ended`. */
export type ObservedCall = {
  /** Who calls has been proved. */
  known: (caller: KnownCaller) => void
  /** Something went wrong that the caller is not told about. */
  failed: (error: unknown) => void
  /** The answer is there; called once. */
  ended: (answer: Answer) => void
}

/**
 * Tells log and metrics what passes through the endpoint. Faults are logged always, refusals by the gateway (no valid
 * signature, too many calls, too much to do) as a sample with their number, every request at level debug. Nothing is
 * logged of a request but its operation, its outcome and who sent it from where: no address, header or body.
 */
export class Observer {
  readonly #log: Logger | null
  readonly #metrics: EndpointMetrics | null
  readonly #now: () => number
  readonly #samples = new Map<string, { at: number; untold: number }>()

  /** @param now milliseconds of a clock that never steps back; tests give their own */
  constructor(
    log: Logger | null,
    metrics: EndpointMetrics | null,
    now: () => number = () => performance.now(),
  ) {
    this.#log = log
    this.#metrics = metrics
    this.#now = now
  }

  /** A request for this operation was read in full. */
  begun(operation: string, { requestId, sourceAddress }: CallOrigin): ObservedCall {
    const log = this.#log
    const begunAt = performance.now()
    // Part by part: what is handed over may be a whole request, with its headers and its body.
    const origin = { requestId, sourceAddress }
    let caller: KnownCaller | undefined
    this.#metrics?.begun()
    return {
      known: ({ userId, accessKeyId }) => {
        caller = { userId, accessKeyId }
      },
      failed: (error) => log?.error({ err: error, operation, ...origin, ...caller }, 'a request failed'),
      ended: (answer) => {
        const milliseconds = performance.now() - begunAt
        this.#metrics?.answered(operation, answer, milliseconds)
        this.#tell(operation, answer, origin, {
          ...caller,
          milliseconds: Math.round(milliseconds * 100) / 100,
        })
      },
    }
  }

  /** A request was refused before it came to any work. */
  refused(answer: Answer, { requestId, sourceAddress }: CallOrigin, operation: string = noOperation): void {
    this.#metrics?.refused(operation, answer)
    this.#tell(operation, answer, { requestId, sourceAddress }, {})
  }

  /** Something went wrong outside of any operation. */
  failed(error: unknown, { requestId, sourceAddress }: CallOrigin): void {
    this.#log?.error({ err: error, requestId, sourceAddress }, 'a request failed')
  }

  #tell(
    operation: string,
    answer: Answer,
    origin: CallOrigin,
    more: Partial<KnownCaller> & { milliseconds?: number },
  ): void {
    const log = this.#log
    if (log === null) return
    const { status } = answer
    if (log.isLevelEnabled('debug')) {
      const code = codeOf(answer)
      log.debug({ operation, status, ...(code ? { code } : {}), ...more, ...origin }, 'answered')
    }
    if (status === 401 || status === 429 || status === 503) this.#sample(operation, answer, origin)
  }

  /** The first at once, then one in ten seconds with the number of those between. */
  #sample(operation: string, answer: Answer, origin: CallOrigin): void {
    const code = codeOf(answer)
    const now = this.#now()
    const last = this.#samples.get(code)
    if (last && now - last.at < sampleEveryMilliseconds) {
      last.untold++
      return
    }
    const untold = last?.untold ?? 0
    this.#samples.set(code, { at: now, untold: 0 })
    this.#log?.info({ operation, status: answer.status, code, alsoRefused: untold, ...origin }, 'refused')
  }
}
