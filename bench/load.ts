import { fork } from './fork.ts'
import type { LoadOrder, LoadResult } from './load-client.ts'
import { median } from './measure.ts'
import type { Side } from './pinning.ts'

export type { Latency, LoadOrder, LoadResult } from './load-client.ts'

/** A process that makes load; it does one order at a time. */
export type LoadClient = AsyncDisposable & { run: (order: LoadOrder) => Promise<LoadResult> }

/** @param side null: on whichever core is free */
export function startLoadClient(side: Side | null = 'client'): LoadClient {
  const child = fork('bench/load-client.ts', { side })
  return {
    run: (order) => child.ask<LoadResult>(order),
    [Symbol.asyncDispose]: () => child.stop(),
  }
}

/** Sends every request once, so that what it is about is cached from then on. Answers how many it did a second. */
export async function warmUp(
  client: LoadClient,
  port: number,
  requests: readonly Uint8Array[],
): Promise<number> {
  return throughput(await client.run({ ports: [port], requests, connections: 16, seconds: 300, once: true }))
}

const SATURATE_SECONDS = 2
/** One more than are counted: the first warms up. */
const SATURATIONS = 4

/** As many requests a second as the endpoint answers when each connection asks again at once: the median of some runs. */
export async function saturation(
  client: LoadClient,
  port: number,
  requests: readonly Uint8Array[],
): Promise<number> {
  const order = { ports: [port], requests, connections: 32, seconds: SATURATE_SECONDS }
  const most: number[] = []
  for (let run = 0; run < SATURATIONS; run++) most.push(throughput(await client.run(order)))
  return median(most.slice(1))
}

/**
 * Requests a second, in a run in which none may be refused.
 *
 * @throws {Error} when another status than 200 came
 */
export function throughput({ answers, seconds }: LoadResult): number {
  const [well] = answers.filter(({ status }) => status === 200)
  if (!well || answers.length > 1) {
    throw new Error(
      `not answered well: ${answers.map(({ status, count }) => `${count} × ${status}`).join(', ')}`,
    )
  }
  return well.count / seconds
}
