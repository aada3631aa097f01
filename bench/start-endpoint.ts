import { threadPoolSize } from '../scripts/child.ts'
import { freePort } from '../scripts/testing/start-product.ts'
import { type Forked, fork } from './fork.ts'
import type { Side } from './pinning.ts'

export type StartedEndpoint = AsyncDisposable & { port: number; forked: Forked }

export type EndpointStart = {
  connectionString: string
  /** Environment variables; KMS_DATA_DIR must be among them. */
  settings: Record<string, string>
  /** Null: on whichever core is free. */
  side?: Side | null
  nodeOptions?: readonly string[]
  /** Another entry than the product's. */
  file?: string
}

/** Starts the endpoint's process as `npm start` does, on a port of its own, and waits until it listens. */
export async function startEndpoint({
  connectionString,
  settings,
  side = 'server',
  nodeOptions = [],
  file = 'scripts/endpoint.ts',
}: EndpointStart): Promise<StartedEndpoint> {
  const port = await freePort()
  const forked = fork(file, {
    side,
    nodeOptions,
    settings: {
      UV_THREADPOOL_SIZE: threadPoolSize('endpoint'),
      ...settings,
      DATABASE_URL: connectionString,
      KMS_API_PORT: String(port),
    },
  })
  await forked.next()
  return { port, forked, [Symbol.asyncDispose]: forked.stop }
}
