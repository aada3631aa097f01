import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { StartProblem } from '#lib/start-problem.ts'
import { projectRoot } from './project-root.ts'

/** Longer than a service takes to drain. */
const STOP_TIMEOUT = 30_000

type ProcessName = 'console' | 'endpoint'

/**
 * UV_THREADPOOL_SIZE of a process of the product. Signatures run on the threads of libuv, which reads their number when it
 * starts: one for each core is as fast as it gets. The console has others to wait for, such as files.
 */
export function threadPoolSize(name: ProcessName): string {
  const cores = availableParallelism()
  return String(name === 'endpoint' ? cores : Math.max(4, cores))
}

export type Child = {
  /** Rejects with a StartProblem when the process ends without having been asked to. */
  fallen: Promise<never>
  /** Asks it to end in order and waits until it has; its exit code, null when it had to be killed. */
  stop: () => Promise<number | null>
  /** Tells it something; nothing happens when it is gone. */
  send: (message: object) => void
  /** Hears what it tells after it is ready. */
  onMessage: (listener: (message: unknown) => void) => void
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

async function stop(process: ChildProcess): Promise<number | null> {
  if (process.exitCode !== null || process.signalCode !== null) return process.exitCode
  const ended = once(process, 'exit')
  const timer = setTimeout(() => process.kill('SIGKILL'), STOP_TIMEOUT)
  process.kill('SIGTERM')
  await ended
  clearTimeout(timer)
  return process.exitCode
}

/**
 * Starts one of the product's processes and waits until it is ready. It has a session of its own, so that Ctrl-C in
 * the terminal reaches only the starter, which stops its processes in order.
 */
export async function startChild(name: ProcessName, env: Record<string, string | undefined>): Promise<Child> {
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
        UV_THREADPOOL_SIZE: threadPoolSize(name),
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
    stop: () => stop(child),
    send: (message) => {
      // It may end at any moment; who waits for its answer waits only so long.
      if (child.connected) child.send(message, () => undefined)
    },
    onMessage: (listener) => {
      child.on('message', listener)
    },
  }
}
