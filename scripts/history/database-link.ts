import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LinkState } from '#lib/db/testing/database-proxy.ts'

export type ToLink = { state: LinkState }

export type FromLink = { kind: 'open'; connectionString: string } | { kind: 'set' }

const entry = fileURLToPath(new URL('./link-process.ts', import.meta.url))

/** The way of one endpoint process to its database, which can be cut and mended. */
export class DatabaseLink implements AsyncDisposable {
  /** Leads over it. */
  readonly connectionString: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, connectionString: string) {
    this.#child = child
    this.connectionString = connectionString
  }

  static async open(connectionString: string): Promise<DatabaseLink> {
    const child = fork(entry, {
      env: { NODE_ENV: 'production', PATH: process.env.PATH, DATABASE_URL: connectionString },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const [opened] = (await once(child, 'message')) as [Extract<FromLink, { kind: 'open' }>]
    return new DatabaseLink(child, opened.connectionString)
  }

  /** Returns once it is so. */
  async set(state: LinkState): Promise<void> {
    const done = once(this.#child, 'message')
    this.#child.send({ state } satisfies ToLink)
    await done
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.disconnect()
    await ended
  }
}
