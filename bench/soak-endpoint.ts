// The endpoint's process as the soak watches it: as it is, but with a smaller cache, and it tells how it stands.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { environment } from '#lib/env.ts'
import { Instance, type InstanceOptions } from '#lib/kms/cache/instance.ts'
import { startJobs } from '../scripts/job-runner.ts'
import { openEndpoint } from '../scripts/open-endpoint.ts'
import { ownDatabaseUrl } from '../scripts/own-database-url.ts'
import { runService } from '../scripts/service.ts'

/** What is told of the process, after everything that can be collected was. */
export type Standing = {
  /** Bytes. */
  heapUsed: number
  /** Bytes of buffers outside of the heap. */
  external: number
  /** Bytes. */
  rss: number
  /** 99th percentile since it was last asked, in milliseconds. */
  eventLoopDelay: number
  cached: number
}

/** Full before the heap is first looked at: 1,500 keys are used in a stretch, 1,000 of them new, with three entries each. */
const ENTRIES = 5_000

class SmallInstance extends Instance {
  constructor(options: InstanceOptions) {
    super({ ...options, entriesMax: ENTRIES })
  }
}

await runService(async () => {
  const env = environment()
  const databaseUrl = ownDatabaseUrl(env.databaseUrl)
  const { close, instance } = await openEndpoint(env, databaseUrl, { instance: SmallInstance })
  const stopJobs = await startJobs('endpoint', databaseUrl, env)
  const delays = monitorEventLoopDelay({ resolution: 10 })
  delays.enable()
  process.on('message', () => {
    const eventLoopDelay = delays.percentile(99) / 1e6
    // Twice: what the first makes unreachable by finalizers goes with the second.
    globalThis.gc?.()
    globalThis.gc?.()
    const { heapUsed, external, rss } = process.memoryUsage()
    const result: Standing = {
      heapUsed,
      external,
      rss,
      eventLoopDelay,
      cached: instance.cache.statistics.entries,
    }
    process.send?.({ result })
    delays.reset()
  })
  return async () => {
    await Promise.all([close(), stopJobs()])
  }
})
