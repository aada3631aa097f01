import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { StartProblem } from '#lib/start-problem.ts'
import { projectRoot } from './project-root.ts'

/** Longer than a service takes to drain. */
const STOP_TIMEOUT = 30_000

export type Child = AsyncDisposable & {
  /** Rejects with a StartProblem when the process ends without having been asked to. */
  fallen: Promise<never>
}

/** What only the first start needs: no serving process keeps the administrator's password in its environment. */
function withoutFirstStart(source: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const rest = { ...source }
  for (const name of [
    'KMS_ADMIN_EMAIL',
    'KMS_ADMIN_PASSWORD',
    'KMS_ADMIN_ACCESS_KEY',
    'KMS_ADMIN_SECRET_KEY',
  ]) {
    delete rest[name]
  }
  return rest
}

async function stop(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return
  const ended = once(process, 'exit')
  const timer = setTimeout(() => process.kill('SIGKILL'), STOP_TIMEOUT)
  process.kill('SIGTERM')
  await ended
  clearTimeout(timer)
}

/**
 * Starts one of the product's processes and waits until it is ready. It has a session of its own, so that Ctrl-C in
 * the terminal reaches only the starter, which stops its processes in order.
 */
export async function startChild(
  name: 'console' | 'endpoint',
  env: Record<string, string | undefined>,
): Promise<Child> {
  // No core dump, which would hold plain key material; and no inspector by signal, which would show it.
  const child = spawn(
    '/bin/sh',
    [
      '-c',
      'ulimit -c 0; exec "$0" "$@"',
      process.execPath,
      '--disable-sigusr1',
      join(projectRoot, 'scripts', `${name}.ts`),
    ],
    {
      cwd: projectRoot,
      detached: true,
      env: {
        UV_THREADPOOL_SIZE: String(Math.max(4, availableParallelism())),
        NEXT_TELEMETRY_DISABLED: '1',
        ...withoutFirstStart(process.env),
        ...env,
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  )
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new StartProblem(
      `The ${name} ended unexpectedly (${signal ?? `exit code ${code}`}), so everything was stopped: see the messages above and start again.`,
    )
  })
  // Handled where it is awaited; until then it must not count as unhandled.
  ended.catch(() => undefined)
  await Promise.race([once(child, 'message'), ended])
  return {
    fallen: ended as Promise<never>,
    [Symbol.asyncDispose]: () => {
      console.log(`Stopping the ${name} …`)
      return stop(child)
    },
  }
}
