import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { UseRecorder } from '#lib/kms/context.ts'
import { errorKmsCode } from '#lib/kms/model/errors.ts'

/** A metric whose number somebody else keeps, read when it is asked for. */
export type MetricReading = {
  /** With `keystead_` in front; one that only grows ends in `_total` and is exposed as a counter. */
  name: `keystead_${string}`
  help: string
  /** Cheap and without side effects; one that throws is exposed as NaN. */
  read: () => number
}

/** In seconds. A cached call takes one of the first, a key of RSA_4096 about the last but two. */
const durationBuckets = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]

/** What came before or beside an operation: no such path, not HTTP, too long. */
export const noOperation = 'none'

const statusClasses = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const

/** Error answers begin with their code, which comes from the table of errors, so there are only so many. */
const codeAtStart = /^\{(?:"error":\{)?"error_code":"((?:KMS|APIGW|Keystead)\.\d{4})"/

/** The code of an answer, such as `KMS.0207`; empty when it was answered well. */
export function codeOf(answer: { status: number; body: string }): string {
  return answer.status < 400 ? '' : (codeAtStart.exec(answer.body)?.[1] ?? '')
}

/**
 * The numbers of one endpoint process for Prometheus: what passes through the endpoint is counted here, and what others
 * keep is read at the scrape. No label holds what a caller chose (no key, no user, no path), so there are
 * only so many series: operations, codes, specs and uses are closed lists. Counting a request costs about a microsecond.
 */
export class EndpointMetrics {
  readonly #registry = new Registry()
  readonly #requests: Counter<'operation' | 'status' | 'code'>
  readonly #durations: Histogram<'operation'>
  readonly #uses: Counter<'use' | 'spec' | 'outcome'>
  #inFlight = 0

  /**
   * @param options.process which of several endpoint processes on one port this is; told with every number
   * @param options.readings what others keep
   */
  constructor(options: { process: number; readings?: readonly MetricReading[] }) {
    const registers = [this.#registry]
    this.#registry.setDefaultLabels({ process: String(options.process) })
    collectDefaultMetrics({ register: this.#registry })
    this.#requests = new Counter({
      name: 'keystead_requests_total',
      help: 'Requests answered, by operation, class of the HTTP status and error code.',
      labelNames: ['operation', 'status', 'code'],
      registers,
    })
    this.#durations = new Histogram({
      name: 'keystead_request_duration_seconds',
      help: 'From a request read in full to its answer, by operation.',
      labelNames: ['operation'],
      buckets: durationBuckets,
      registers,
    })
    this.#uses = new Counter({
      name: 'keystead_key_uses_total',
      help: 'Uses of keys, by use, key spec and outcome: done, or the code with which it was refused.',
      labelNames: ['use', 'spec', 'outcome'],
      registers,
    })
    const inFlight: MetricReading = {
      name: 'keystead_requests_in_flight',
      help: 'Requests that are being worked on.',
      read: () => this.#inFlight,
    }
    for (const reading of [inFlight, ...(options.readings ?? [])]) expose(this.#registry, reading)
  }

  /** A request is being worked on; `answered` must follow. */
  begun(): void {
    this.#inFlight++
  }

  /**
   * A request that had begun was answered.
   *
   * @param operation id of the operation, or `noOperation`
   */
  answered(operation: string, answer: { status: number; body: string }, milliseconds: number): void {
    this.#inFlight--
    this.#durations.observe({ operation }, milliseconds / 1_000)
    this.refused(operation, answer)
  }

  /** A request was answered without any work: it counts, but takes no time. */
  refused(operation: string, answer: { status: number; body: string }): void {
    const status = statusClasses[Math.trunc(answer.status / 100)] ?? 'none'
    this.#requests.inc({ operation, status, code: codeOf(answer) })
  }

  /** Counts the uses that are handed to a recorder, by the spec of their key; `none` where no key was found. */
  counting(recorder: UseRecorder): UseRecorder {
    return {
      add: (ctx, use) => {
        const outcome = use.refused === null ? 'done' : errorKmsCode(use.refused)
        this.#uses.inc({ use: use.use, spec: use.key?.spec ?? 'none', outcome })
        recorder.add(ctx, use)
      },
    }
  }

  /** All numbers in the text format of Prometheus, version 0.0.4. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }
}

function expose(registry: Registry, { name, help, read }: MetricReading): void {
  const safely = (): number => {
    try {
      return read()
    } catch {
      // One number that cannot be had must not hide the others.
      return Number.NaN
    }
  }
  const base = { name, help, registers: [registry] }
  if (name.endsWith('_total')) {
    new Counter({
      ...base,
      collect() {
        this.reset()
        this.inc(Math.max(0, safely() || 0))
      },
    })
    return
  }
  new Gauge({
    ...base,
    collect() {
      this.set(safely())
    },
  })
}
