// The endpoint's process. It needs no build: node scripts/endpoint.ts
import { environment } from '#lib/env.ts'
import { startJobs } from './job-runner.ts'
import { openEndpoint } from './open-endpoint.ts'
import { ownDatabaseUrl } from './own-database-url.ts'
import { runService } from './service.ts'

await runService(async () => {
  const env = environment()
  const databaseUrl = ownDatabaseUrl(env.databaseUrl)
  const { close } = await openEndpoint(env, databaseUrl)
  const stopJobs = await startJobs('endpoint', databaseUrl, env)
  return async () => {
    await Promise.all([close(), stopJobs()])
  }
})
