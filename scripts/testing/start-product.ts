import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from '../project-root.ts'

async function holdPort(): Promise<{ port: number; release: () => Promise<unknown> }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, release: () => once(server.close(), 'close') }
}

/** Ports of this machine that nobody listens on now. All are held at once, or the kernel may name one of them twice. */
export async function freePorts(count: number): Promise<number[]> {
  const held = await Promise.all(Array.from({ length: count }, holdPort))
  await Promise.all(held.map(({ release }) => release()))
  return held.map(({ port }) => port)
}

/** A port of this machine that nobody listens on now. */
export async function freePort(): Promise<number> {
  const { port, release } = await holdPort()
  await release()
  return port
}

/** A data folder that is removed when disposed of. */
export async function temporaryDataFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'keystead-product-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

export type StartedProduct = AsyncDisposable & {
  process: ChildProcess
  consoleUrl: string
  endpointUrl: string
  /** Standard output and errors together, so far. */
  output(): string
  /** Resolves as soon as the output holds `text`; rejects when the process ends without it. */
  untilPrinted(text: string): Promise<void>
  /** Resolves with the exit code when the process has ended. */
  exited: Promise<number | null>
  /** As Ctrl-C does. */
  stop(): Promise<number | null>
}

/**
 * Runs `node scripts/start.ts` as a person would, on a data folder and ports of its own.
 * @param settings environment variables; KMS_DATA_DIR must be among them.
 */
export async function startProduct(settings: Record<string, string>): Promise<StartedProduct> {
  const [freeForConsole, freeForEndpoint] = await freePorts(2)
  const port = settings.PORT ?? String(freeForConsole)
  const apiPort = settings.KMS_API_PORT ?? String(freeForEndpoint)
  const starter = spawn(process.execPath, ['scripts/start.ts'], {
    cwd: projectRoot,
    // Only what every process needs: what the tester has set must not decide a test.
    env: {
      NODE_ENV: 'production',
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ...settings,
      PORT: port,
      KMS_API_PORT: apiPort,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const exited = once(starter, 'close').then(([code]) => code as number | null)
  for (const stream of [starter.stdout, starter.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      starter.emit('printed')
    })
  }
  const stop = async (): Promise<number | null> => {
    starter.kill('SIGINT')
    return exited
  }
  return {
    process: starter,
    consoleUrl: `http://127.0.0.1:${port}`,
    endpointUrl: `http://127.0.0.1:${apiPort}`,
    output: () => output,
    exited,
    stop,
    async untilPrinted(text) {
      while (!output.includes(text)) {
        if (starter.exitCode !== null || starter.signalCode !== null) {
          throw new Error(`Ended without printing "${text}":\n${output}`)
        }
        await Promise.race([once(starter, 'printed'), exited])
      }
    },
    async [Symbol.asyncDispose]() {
      await stop()
    },
  }
}
