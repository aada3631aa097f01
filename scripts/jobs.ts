// npm run jobs: does what is due, once, then ends. It may run beside console and endpoint, which do the same by the clock.
import { environment } from '#lib/env.ts'
import { runDueJobs } from '#lib/jobs/run-jobs.ts'
import { openLog } from '#lib/log.ts'
import { StartProblem } from '#lib/start-problem.ts'
import { openInstallation } from './open-installation.ts'

try {
  const env = environment()
  await using installation = await openInstallation(env, 'keystead jobs')
  const { destroyed } = await runDueJobs({
    db: installation.db,
    rootKey: installation.rootKey,
    dataDir: env.dataDir,
    log: openLog('jobs', env.logLevel),
  })
  console.log(`Done. Keys destroyed: ${destroyed}.`)
} catch (error) {
  console.error(error instanceof StartProblem ? error.message : error)
  process.exitCode = 1
}
