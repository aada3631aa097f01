// The endpoint's process as the product runs it, with observation and, when told, without one rule of the protocol.
import { environment } from '#lib/env.ts'
import { startJobs } from '../job-runner.ts'
import { openEndpoint } from '../open-endpoint.ts'
import { ownDatabaseUrl } from '../own-database-url.ts'
import type { FromEndpoint } from './endpoint-messages.ts'
import { observeEndpoint } from './observe-endpoint.ts'
import { sabotageEndpoint } from './sabotage-endpoint.ts'

process.on('disconnect', () => process.exit(1))
sabotageEndpoint(process.env.HISTORY_SABOTAGE ?? '')
observeEndpoint()
const env = environment()
const databaseUrl = ownDatabaseUrl(env.databaseUrl)
const { close } = await openEndpoint(env, databaseUrl)
const stopJobs = await startJobs('endpoint', databaseUrl, env)
process.on('SIGTERM', () => {
  setTimeout(() => process.exit(1), 10_000).unref()
  void Promise.all([close(), stopJobs()]).finally(() => process.exit(0))
})
process.send?.({ kind: 'listening' } satisfies FromEndpoint)
