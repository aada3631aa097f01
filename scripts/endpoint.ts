// The endpoint's process. It needs no build: node scripts/endpoint.ts
import { createEndpoint } from '#lib/api/create-endpoint.ts'
import { readinessOf } from '#lib/api/health.ts'
import { EndpointMetrics } from '#lib/api/metrics.ts'
import { readingsOf } from '#lib/api/metrics-readings.ts'
import { publishedRates, RateLimits } from '#lib/api/rate-limits.ts'
import { openDatabase, poolStatistics } from '#lib/db/client.ts'
import { environment } from '#lib/env.ts'
import { generationStatistics } from '#lib/kms/material/generate-material.ts'
import { installationStore } from '#lib/kms/root-key/installation-store.ts'
import { openRootKey } from '#lib/kms/root-key/open-root-key.ts'
import { BatchedUseRecorder } from '#lib/kms/usage/use-recorder.ts'
import { openLog } from '#lib/log.ts'
import { gatherMetrics } from './gather-metrics.ts'
import { startJobs } from './job-runner.ts'
import { ownDatabaseUrl } from './own-database-url.ts'
import { runService } from './service.ts'

await runService(async () => {
  const env = environment()
  const databaseUrl = ownDatabaseUrl(env.databaseUrl)
  const db = openDatabase(databaseUrl, { connections: 5, applicationName: 'keystead endpoint' })
  const { rootKey, authSecret } = await openRootKey(
    { value: env.rootKey, file: env.rootKeyFile, dataDir: env.dataDir },
    installationStore(db),
  )
  authSecret[Symbol.dispose]()
  const log = openLog('endpoint', env.logLevel)
  const uses = new BatchedUseRecorder({ db, rootKey, log })
  const severalShareThePort = env.endpointProcesses > 1
  const metrics = new EndpointMetrics({
    process: Number(process.env.KEYSTEAD_ENDPOINT_PROCESS ?? 1),
    readings: readingsOf({ pool: () => poolStatistics(db), generation: generationStatistics, uses }),
  })
  const endpoint = createEndpoint({
    db,
    rootKey,
    uses: metrics.counting(uses),
    ...(env.rateLimits === 'huawei' ? { rates: new RateLimits(publishedRates) } : {}),
    endpointUrl: env.endpointUrl,
    log,
    metrics,
    ...(severalShareThePort ? { metricsText: gatherMetrics(() => metrics.text()) } : {}),
    ...(env.metricsToken === undefined ? {} : { metricsToken: env.metricsToken }),
    readiness: readinessOf(db),
  })
  const stopJobs = await startJobs('endpoint', databaseUrl, env)
  // Fastify hands it on to Node, though its types do not know it: the kernel spreads connections over the processes.
  const place = { host: env.host, port: env.apiPort, reusePort: severalShareThePort }
  await endpoint.listen(place)
  return async () => {
    await Promise.all([endpoint.close(), stopJobs()])
    await uses.stop()
    await db.$disconnect()
  }
})
