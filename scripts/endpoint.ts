// The endpoint's process. It needs no build: node scripts/endpoint.ts
import { pino } from 'pino'
import { createEndpoint } from '#lib/api/create-endpoint.ts'
import { publishedRates, RateLimits } from '#lib/api/rate-limits.ts'
import { openDatabase } from '#lib/db/client.ts'
import { environment } from '#lib/env.ts'
import { installationStore } from '#lib/kms/root-key/installation-store.ts'
import { openRootKey } from '#lib/kms/root-key/open-root-key.ts'
import { BatchedUseRecorder } from '#lib/kms/usage/use-recorder.ts'
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
  const uses = new BatchedUseRecorder({ db, rootKey, log: pino({ name: 'endpoint' }) })
  const endpoint = createEndpoint({
    db,
    rootKey,
    uses,
    ...(env.rateLimits === 'huawei' ? { rates: new RateLimits(publishedRates) } : {}),
    endpointUrl: env.endpointUrl,
    log: true,
    isReady: () =>
      db.$queryRaw`SELECT 1`.then(
        () => true,
        () => false,
      ),
  })
  const stopJobs = await startJobs('endpoint', databaseUrl, env)
  await endpoint.listen({ host: env.host, port: env.apiPort })
  return async () => {
    await Promise.all([endpoint.close(), stopJobs()])
    await uses.stop()
    await db.$disconnect()
  }
})
