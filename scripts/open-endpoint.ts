import { hostname } from 'node:os'
import type { FastifyInstance } from 'fastify'
import { Admission } from '#lib/api/admission.ts'
import { createEndpoint } from '#lib/api/create-endpoint.ts'
import { readinessOf } from '#lib/api/health.ts'
import { EndpointMetrics } from '#lib/api/metrics.ts'
import { readingsOf } from '#lib/api/metrics-readings.ts'
import { publishedRates, RateLimits } from '#lib/api/rate-limits.ts'
import { openDatabase, poolStatistics } from '#lib/db/client.ts'
import type { Environment } from '#lib/env.ts'
import { Instance } from '#lib/kms/cache/instance.ts'
import {
  asymmetricStatistics,
  closeAsymmetricWork,
  startAsymmetricWork,
} from '#lib/kms/crypto/asymmetric-work.ts'
import { generationStatistics } from '#lib/kms/material/generate-material.ts'
import { installationStore } from '#lib/kms/root-key/installation-store.ts'
import { openRootKey } from '#lib/kms/root-key/open-root-key.ts'
import { BatchedUseRecorder } from '#lib/kms/usage/use-recorder.ts'
import { openLog } from '#lib/log.ts'
import { gatherMetrics } from './gather-metrics.ts'

/** An endpoint that can be called. */
export type OpenedEndpoint = {
  endpoint: FastifyInstance
  instance: Instance
  /** Takes no new requests, lets those under way finish, writes what is still to be written, lets go of everything. */
  close: () => Promise<void>
}

/**
 * Opens an endpoint in this process and listens at the place that the settings name.
 *
 * @param databaseUrl leads to Postgres itself, not through a pooler
 * @param options.instance tests only: made instead of an ordinary one
 */
export async function openEndpoint(
  env: Environment,
  databaseUrl: string,
  options: { instance?: typeof Instance } = {},
): Promise<OpenedEndpoint> {
  // A process that stops in the middle of a use holds its locks no longer than this; whoever disables the key waits for them.
  const db = openDatabase(databaseUrl, {
    connections: 5,
    applicationName: 'keystead endpoint',
    transactionSeconds: 5,
  })
  const { rootKey, authSecret } = await openRootKey(
    { value: env.rootKey, file: env.rootKeyFile, dataDir: env.dataDir },
    installationStore(db),
  )
  authSecret[Symbol.dispose]()
  const log = openLog('endpoint', env.logLevel)
  const uses = new BatchedUseRecorder({ db, rootKey, log })
  const instance = new (options.instance ?? Instance)({
    connectionString: databaseUrl,
    name: `endpoint at ${hostname()}:${env.apiPort} (process ${process.pid})`,
    log,
  })
  const admission = new Admission()
  const severalShareThePort = env.endpointProcesses > 1
  const metrics = new EndpointMetrics({
    process: Number(process.env.KEYSTEAD_ENDPOINT_PROCESS ?? 1),
    readings: readingsOf({
      pool: () => poolStatistics(db),
      generation: generationStatistics,
      asymmetric: asymmetricStatistics,
      uses,
      admission,
      cache: instance.cache,
      instance,
    }),
  })
  const endpoint = createEndpoint({
    db,
    rootKey,
    cache: instance.cache,
    uses: metrics.counting(uses),
    admission,
    ...(env.rateLimits === 'huawei' ? { rates: new RateLimits(publishedRates) } : {}),
    endpointUrl: env.endpointUrl,
    log,
    metrics,
    ...(severalShareThePort ? { metricsText: gatherMetrics(() => metrics.text()) } : {}),
    ...(env.metricsToken === undefined ? {} : { metricsToken: env.metricsToken }),
    readiness: readinessOf(db, instance.lease),
  })
  // Let go of from the last to the first, each whether or not those before could be.
  const parts = new AsyncDisposableStack()
  parts.defer(() => db.$disconnect())
  parts.defer(() => uses.stop())
  parts.defer(() => instance.stop())
  parts.defer(() => closeAsymmetricWork())
  parts.defer(() => endpoint.close())
  startAsymmetricWork()
  await instance.start()
  // Fastify hands it on to Node, though its types do not know it: the kernel spreads connections over the processes.
  const place = { host: env.host, port: env.apiPort, reusePort: severalShareThePort }
  await endpoint.listen(place)
  log.info({ ...place, processes: env.endpointProcesses }, 'the endpoint listens')
  return {
    endpoint,
    instance,
    close: async () => {
      log.info('the endpoint stops')
      await parts.disposeAsync()
      log.info('the endpoint has stopped')
    },
  }
}
