import { StartProblem } from '#lib/start-problem.ts'

/** Longer than any request may take, its sending included, and what is written after the last one. */
const STOP_TIMEOUT = 27_000

/**
 * Runs one process of the product: tells its starter when it is ready, and stops in order on SIGTERM, SIGINT or when
 * the starter is gone.
 *
 * @param start starts listening and answers how to stop: take no new requests, let those under way finish, let go of
 * everything.
 */
export async function runService(start: () => Promise<() => Promise<void>>): Promise<void> {
  const stopRequested = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve())
    process.once('disconnect', () => resolve())
  })
  try {
    const stop = await start()
    process.send?.('ready')
    await stopRequested
    setTimeout(() => process.exit(1), STOP_TIMEOUT).unref()
    await stop()
    process.exit(0)
  } catch (error) {
    console.error(error instanceof StartProblem ? error.message : error)
    process.exit(1)
  }
}
