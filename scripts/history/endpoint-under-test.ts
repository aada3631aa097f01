import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Agent } from 'node:http'
import { fileURLToPath } from 'node:url'
import { threadPoolSize } from '../child.ts'
import { freePort } from '../testing/start-product.ts'
import { openAgent } from './call-endpoint.ts'
import { DatabaseLink } from './database-link.ts'
import type { EndpointSabotage, FromEndpoint, ToEndpoint } from './endpoint-messages.ts'

const entry = fileURLToPath(new URL('./endpoint-process.ts', import.meta.url))

type Running = { child: ChildProcess; url: string; agent: Agent }

/** One process of the endpoint, its way to the database, and all that can befall it. */
export class EndpointUnderTest implements AsyncDisposable {
  readonly name: string
  readonly link: DatabaseLink
  /** Rejects if it ever ends by itself. */
  readonly fallen: Promise<never>
  readonly #env: NodeJS.ProcessEnv
  readonly #fall: (reason: Error) => void
  /** The process whose end is wanted. */
  #ending: ChildProcess | null = null
  #running: Promise<Running>
  #restarted: PromiseWithResolvers<Running> | null = null

  private constructor(name: string, link: DatabaseLink, env: NodeJS.ProcessEnv) {
    this.name = name
    this.link = link
    this.#env = env
    const { promise, reject } = Promise.withResolvers<never>()
    // Handled by whoever runs it; until then it must not count as unhandled.
    promise.catch(() => undefined)
    this.fallen = promise
    this.#fall = reject
    this.#running = this.#start()
  }

  static async open(
    name: string,
    { connectionString, dataDir }: { connectionString: string; dataDir: string },
    sabotage: EndpointSabotage | null,
  ): Promise<EndpointUnderTest> {
    const link = await DatabaseLink.open(connectionString)
    const endpoint = new EndpointUnderTest(name, link, {
      NODE_ENV: 'production',
      PATH: process.env.PATH ?? '',
      UV_THREADPOOL_SIZE: threadPoolSize('endpoint'),
      DATABASE_URL: link.connectionString,
      KMS_DATA_DIR: dataDir,
      HISTORY_SABOTAGE: sabotage ?? '',
    })
    try {
      await endpoint.running()
    } catch (error) {
      await link[Symbol.asyncDispose]()
      throw error
    }
    return endpoint
  }

  /** Where it listens; waits while it is being started anew. */
  running(): Promise<Running> {
    return this.#running
  }

  /** As in the names of instances, which say who is awaited. */
  async pid(): Promise<number> {
    return (await this.#running).child.pid ?? 0
  }

  /** Stops it in the middle of whatever it does, as a debugger or a full machine may. */
  async stop(): Promise<void> {
    ;(await this.#running).child.kill('SIGSTOP')
  }

  async continue(): Promise<void> {
    ;(await this.#running).child.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    const { child, agent } = await this.#running
    const ended = once(child, 'exit')
    this.#ending = child
    child.kill('SIGKILL')
    await ended
    agent.destroy()
    // Who is refused once waits from here on.
    this.#restarted = Promise.withResolvers()
    this.#running = this.#restarted.promise
    this.#running.catch(() => undefined)
  }

  /** Starts it anew after it was killed. */
  async restart(): Promise<void> {
    try {
      this.#restarted?.resolve(await this.#start())
    } catch (error) {
      this.#restarted?.reject(error)
      throw error
    }
  }

  /**
   * Lets it stand still for so long in the next call that it serves from its cache; answers which. Null: there was none
   * before it was given up.
   */
  async pauseInCrypto(
    milliseconds: number,
    givenUp: AbortSignal,
  ): Promise<{ call: number; resumed: Promise<unknown> } | null> {
    const { child } = await this.#running
    const paused = told(child, 'paused')
    const say = (told: ToEndpoint): boolean => child.send(told)
    const giveUp = (): boolean => say({ kind: 'pause', milliseconds: 0 })
    say({ kind: 'pause', milliseconds })
    givenUp.addEventListener('abort', giveUp, { once: true })
    try {
      const { call } = await paused
      return call === null ? null : { call, resumed: told(child, 'resumed') }
    } finally {
      givenUp.removeEventListener('abort', giveUp)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.link.set('open')
    const { child, agent } = await this.#running
    agent.destroy()
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      this.#ending = child
      child.kill('SIGCONT')
      child.kill('SIGTERM')
      await ended
    }
    await this.link[Symbol.asyncDispose]()
  }

  async #start(): Promise<Running> {
    const port = await freePort()
    const env = { ...this.#env, KMS_API_PORT: String(port) }
    const child = fork(entry, { env, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    child.once('exit', (code, signal) => {
      if (child !== this.#ending) this.#fall(new Error(`process ${this.name} ended: ${signal ?? code}`))
    })
    await told(child, 'listening')
    return { child, url: `http://127.0.0.1:${port}`, agent: openAgent() }
  }
}

/** The next message of this kind; rejects when the process ends instead. */
function told<Kind extends FromEndpoint['kind']>(
  child: ChildProcess,
  kind: Kind,
): Promise<Extract<FromEndpoint, { kind: Kind }>> {
  return new Promise((resolve, reject) => {
    const settle = (done: () => void): void => {
      child.off('message', listen)
      child.off('exit', fail)
      done()
    }
    const listen = (message: unknown): void => {
      const said = message as FromEndpoint
      if (said.kind === kind) settle(() => resolve(said as Extract<FromEndpoint, { kind: Kind }>))
    }
    const fail = (): void => settle(() => reject(new Error(`the endpoint ended before it was ${kind}`)))
    child.on('message', listen)
    child.once('exit', fail)
  })
}
