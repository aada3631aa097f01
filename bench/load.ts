import { fork } from './fork.ts'
import type { LoadOrder, LoadResult } from './load-client.ts'
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
