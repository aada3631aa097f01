/** How often a start looks whether npm is still there. */
const PARENT_CHECK = 250

export type StopRequest = {
  /** Aborted when a stop is asked for. */
  signal: AbortSignal
  requested: Promise<void>
  isRequested(): boolean
}

/**
 * Listens for the wish to stop: Ctrl-C, SIGTERM, a closed terminal, or the end of the npm that started this process,
 * after which nobody could press Ctrl-C any more. A second signal changes nothing: npm passes Ctrl-C on, so it comes
 * twice.
 */
export function stopRequest(): StopRequest {
  const controller = new AbortController()
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = (): void => {
    controller.abort()
    resolve()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  const parent = process.ppid
  const isOrphan = (): boolean => process.env.npm_lifecycle_event !== undefined && process.ppid !== parent
  setInterval(() => {
    if (isOrphan()) stop()
  }, PARENT_CHECK).unref()
  return {
    signal: controller.signal,
    requested: promise,
    isRequested: () => controller.signal.aborted || isOrphan(),
  }
}
