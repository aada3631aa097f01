import type { Logger } from 'pino'
import type { Answer } from './error-body.ts'
import { codeOf, type EndpointMetrics, noOperation } from './metrics.ts'
import { Sampler } from './sampler.ts'

/** Refusals of one kind (one code) are told at most so often, and faults of one kind (`kindOf`). */
const refusalsTold = { max: 1, milliseconds: 10_000 }
const faultsTold = { max: 20, milliseconds: 10_000 }

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
 * Tells log and metrics what passes through the endpoint. Faults are logged, of a great many like ones (one operation,
 * name and code of the error) the first twenty in ten seconds; refusals by the gateway (no valid signature, too many
 * calls, too much to do) as a sample; every request at level debug. Nothing is logged of a request but its operation, its
 * outcome and who sent it from where: no address, header or body.
 */
export class Observer {
  readonly #log: Logger | null
  readonly #metrics: EndpointMetrics | null
  readonly #refusals: Sampler
  readonly #faults: Sampler
  /** Every request is a line. */
  readonly #everything: boolean

  /** @param now milliseconds of a clock that never steps back; tests give their own */
  constructor(
    log: Logger | null,
    metrics: EndpointMetrics | null,
    now: () => number = () => performance.now(),
  ) {
    this.#log = log
    this.#metrics = metrics
    this.#refusals = new Sampler(refusalsTold, now)
    this.#faults = new Sampler(faultsTold, now)
    this.#everything = log?.isLevelEnabled('debug') ?? false
  }

  /** A request for this operation was read in full. */
  begun(operation: string, { requestId, sourceAddress }: CallOrigin): ObservedCall {
    const begunAt = performance.now()
    // Part by part: what is handed over may be a whole request, with its headers and its body.
    const origin = { requestId, sourceAddress }
    let caller: KnownCaller | undefined
    this.#metrics?.begun()
    return {
      known: ({ userId, accessKeyId }) => {
        caller = { userId, accessKeyId }
      },
      failed: (error) => this.#fault(error, { operation, ...origin, ...caller }),
      ended: (answer) => {
        const milliseconds = performance.now() - begunAt
        this.#metrics?.answered(operation, answer, milliseconds)
        if (this.#everything)
          this.#line(operation, answer, {
            milliseconds: Math.round(milliseconds * 100) / 100,
            ...caller,
            ...origin,
          })
        this.#sample(operation, answer, origin)
      },
    }
  }

  /** A request was refused before it came to any work. */
  refused(answer: Answer, { requestId, sourceAddress }: CallOrigin, operation: string = noOperation): void {
    this.#metrics?.refused(operation, answer)
    const origin = { requestId, sourceAddress }
    if (this.#everything) this.#line(operation, answer, origin)
    this.#sample(operation, answer, origin)
  }

  /** Something went wrong outside of any operation. */
  failed(error: unknown, { requestId, sourceAddress }: CallOrigin): void {
    this.#fault(error, { requestId, sourceAddress })
  }

  #fault(error: unknown, of: Partial<KnownCaller> & CallOrigin & { operation?: string }): void {
    const alsoFailed = this.#faults.take(kindOf(error, of.operation ?? noOperation))
    if (alsoFailed !== null) this.#log?.error({ err: error, alsoFailed, ...of }, 'a request failed')
  }

  #line(
    operation: string,
    answer: Answer,
    of: Partial<KnownCaller> & CallOrigin & { milliseconds?: number },
  ): void {
    const code = codeOf(answer)
    this.#log?.debug({ operation, status: answer.status, ...(code ? { code } : {}), ...of }, 'answered')
  }

  #sample(operation: string, answer: Answer, origin: CallOrigin): void {
    const { status } = answer
    if (status !== 401 && status !== 429 && status !== 503) return
    const code = codeOf(answer)
    const alsoRefused = this.#refusals.take(code)
    if (alsoRefused !== null) this.#log?.info({ operation, status, code, alsoRefused, ...origin }, 'refused')
  }
}

/** Which faults are alike: an `Error` of one call says nothing about an `Error` of another. */
function kindOf(error: unknown, operation: string): string {
  if (!(error instanceof Error)) return `${operation} ${typeof error}`
  const { code } = error as { code?: unknown }
  return `${operation} ${error.name} ${typeof code === 'string' ? code : ''}`
}
