import { environment } from '#lib/env.ts'
import { StartProblem } from '#lib/start-problem.ts'
import { buildConsole } from './build.ts'
import { type Child, startChild } from './child.ts'
import { checkDataFolder, lockDataFolder } from './data-folder.ts'
import { startEndpoints } from './endpoint-group.ts'
import { checkPort } from './ports.ts'
import { prepareDatabase } from './prepare-database.ts'
import { projectRoot } from './project-root.ts'
import { noteRunning } from './running.mjs'
import { startDatabase } from './start-database.ts'
import { stopRequest } from './stop-request.ts'

type Mode = 'production' | 'development'

async function builtPages(signal: AbortSignal): Promise<Record<string, string>> {
  return { KEYSTEAD_BUILD: await buildConsole(projectRoot, signal) }
}

async function pagesOnDemand(): Promise<Record<string, string>> {
  await noteRunning(projectRoot, '.next')
  return { KEYSTEAD_DEV: '1' }
}

/** Stops something when the scope is left, and says so. */
const stopped = (name: string, what: Pick<Child, 'stop'>): AsyncDisposable => ({
  [Symbol.asyncDispose]: async () => {
    console.log(`Stopping the ${name} …`)
    const code = await what.stop()
    if (code !== 0)
      console.error(
        `The ${name} did not finish what it had begun (${code ? `exit code ${code}` : 'killed'}).`,
      )
  },
})

async function run(mode: Mode): Promise<void> {
  const env = environment()
  const stop = stopRequest()
  await checkDataFolder(env.dataDir)
  await lockDataFolder(env.dataDir, stop.isRequested)
  await checkPort('PORT', env.host, env.port)
  await checkPort('KMS_API_PORT', env.host, env.apiPort)
  const pages = mode === 'production' ? await builtPages(stop.signal) : await pagesOnDemand()

  // Left in the opposite order: console, endpoint, database.
  await using database = await startDatabase(env)
  stop.signal.throwIfAborted()
  const signIn = await prepareDatabase(database.connectionString, env)
  stop.signal.throwIfAborted()
  const settings = {
    NODE_ENV: mode,
    DATABASE_URL: database.connectionString,
    KMS_DATA_DIR: env.dataDir,
    ...pages,
  }
  const endpoint = await startEndpoints(env.endpointProcesses, settings)
  await using _endpoint = stopped('endpoint', endpoint)
  stop.signal.throwIfAborted()
  const site = await startChild('console', settings)
  await using _site = stopped('console', site)

  console.log(
    [
      '',
      'Keystead is running.',
      `  Console   ${env.publicUrl}`,
      `  Endpoint  ${env.endpointUrl}`,
      `  ${signIn}`,
      '  Ctrl-C stops everything.',
      '',
    ].join('\n'),
  )
  await Promise.race([stop.requested, site.fallen, endpoint.fallen, database.fallen])
}

/**
 * Runs database, endpoint and console until Ctrl-C or until one of them ends, then stops what it started and ends this
 * process: code 0 when that was wanted, else 1 with one sentence.
 */
export async function runProduct(mode: Mode): Promise<never> {
  try {
    await run(mode)
    process.exit(0)
  } catch (error) {
    // Ctrl-C while starting is no failure.
    if (error instanceof Error && error.name === 'AbortError') process.exit(0)
    console.error(error instanceof StartProblem ? error.message : error)
    process.exit(1)
  }
}
