// The console's process, after `next build`: node scripts/console.ts. With KEYSTEAD_DEV it compiles pages on demand.
import { createServer } from 'node:http'
import next from 'next'
import { environment } from '#lib/env.ts'
import { answerHealth } from './answer-health.ts'
import { guardRequest } from './guard-request.ts'
import { startJobs } from './job-runner.ts'
import { ownDatabaseUrl } from './own-database-url.ts'
import { projectRoot } from './project-root.ts'
import { runService } from './service.ts'

/** Long enough for a slow page; a connection that does nothing else is cut off when the console stops. */
const DRAIN_TIMEOUT = 10_000

await runService(async () => {
  const env = environment()
  const databaseUrl = ownDatabaseUrl(env.databaseUrl)
  const server = createServer()
  const site = next({
    dir: projectRoot,
    dev: process.env.KEYSTEAD_DEV === '1',
    hostname: env.host,
    port: env.port,
    httpServer: server,
  })
  await site.prepare()
  const handle = site.getRequestHandler()
  server.on('request', (request, response) => {
    if (answerHealth(request, response)) return
    if (guardRequest(request, response, env.publicUrl)) handle(request, response)
  })
  const stopJobs = await startJobs('console', databaseUrl, env)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(env.port, env.host, resolve)
  })
  return async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeIdleConnections()
    setTimeout(() => server.closeAllConnections(), DRAIN_TIMEOUT).unref()
    await Promise.all([closed, stopJobs()])
    await site.close()
  }
})
