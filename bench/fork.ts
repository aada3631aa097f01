import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { projectRoot } from '../scripts/project-root.ts'
import { pinned, type Side } from './pinning.ts'

/** A process of the bench that answers one message at a time. */
export type Forked = {
  process: ChildProcess
  /** Sends a message and awaits the answer to it: `{ result }` or `{ error }`. */
  ask: <Result>(message: object) => Promise<Result>
  /** The next message it sends. */
  next: () => Promise<unknown>
  stop: () => Promise<void>
}

export type ForkOptions = {
  /** Null: on whichever core is free. */
  side: Side | null
  /** Environment variables; only PATH and HOME are passed on. */
  settings?: Record<string, string>
  nodeOptions?: readonly string[]
}

/** Starts a file of the project as a process of its own, with a channel for messages. */
export function fork(file: string, { side, settings = {}, nodeOptions = [] }: ForkOptions): Forked {
  const [command = '', ...args] = pinned(side, [process.execPath, ...nodeOptions, file])
  const child = spawn(command, args, {
    cwd: projectRoot,
    env: { NODE_ENV: 'production', PATH: process.env.PATH, HOME: process.env.HOME, ...settings },
    // Logs are written, and read by nobody.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
  const ended = once(child, 'exit').then(([code, signal]): never => {
    throw new Error(`${file} ended: ${signal ?? code}`)
  })
  ended.catch(() => undefined)
  const next = async (): Promise<unknown> => (await Promise.race([once(child, 'message'), ended]))[0]
  return {
    process: child,
    next,
    async ask<Result>(message: object) {
      const answered = next()
      child.send(message)
      const { result, error } = (await answered) as { result: Result; error?: string }
      if (error !== undefined) throw new Error(`${file}: ${error}`)
      return result
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
    },
  }
}
