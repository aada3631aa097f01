import { randomUUID } from 'node:crypto'
import { type Family, readExposition } from '#lib/api/testing/exposition.ts'
import type { Credentials } from '#lib/api/testing/real-client.ts'
import { type Sent, sendSigned } from '#lib/api/testing/signed-request.ts'
import { makeAccessKey } from '#lib/kms/access/make-access-key.ts'
import { createKey } from '#lib/kms/keys/create-key.ts'
import { defaultUsage, type KeySpec } from '#lib/kms/model/key-spec.ts'
import { keyInput } from '#lib/kms/testing/test-world.ts'
import { startEndpoints } from '../endpoint-group.ts'
import { type OfflineWorld, openOfflineWorld } from './offline-world.ts'
import { freePort, temporaryDataFolder } from './start-product.ts'

/** The product's endpoint processes on a database of their own, without a console. */
export type RunningEndpoints = AsyncDisposable & {
  world: OfflineWorld
  url: string
  port: number
  credentials: Pick<Credentials, 'id' | 'secret'>
  /** Rejects when one of them ends by itself. */
  fallen: Promise<never>
  /** SIGTERM for all, and their exit code when all have ended. */
  stop: () => Promise<number | null>
  makeKey: (spec: KeySpec) => Promise<string>
  /** A signed POST to `/v1.0/<project>/kms/<call>`. */
  call: (call: string, body: object) => Promise<Sent>
  numbers: () => Promise<Map<string, Family>>
}

/** @param settings environment variables besides those of place and database */
export async function runningEndpoints(
  count: number,
  settings: Record<string, string> = {},
): Promise<RunningEndpoints> {
  const stack = new AsyncDisposableStack()
  try {
    const data = stack.use(await temporaryDataFolder())
    const port = await freePort()
    const env = {
      KMS_DATA_DIR: data.path,
      KMS_API_PORT: String(port),
      KMS_ENDPOINT_PROCESSES: String(count),
      ...settings,
    }
    const world = stack.use(
      await openOfflineWorld(env, { email: 'admin@example.test', password: randomUUID(), since: new Date() }),
    )
    const credentials = await makeAccessKey(world.ctx, { userId: world.ctx.actor.id })
    const group = await startEndpoints(count, {
      ...env,
      NODE_ENV: 'production',
      DATABASE_URL: world.connectionString,
    })
    stack.defer(async () => {
      await group.stop()
    })
    const owned = stack.move()
    const url = `http://127.0.0.1:${port}`
    const [projectId = ''] = world.projectIds
    return {
      world,
      url,
      port,
      credentials,
      ...group,
      makeKey: async (spec) => {
        const key = await createKey(world.ctx, keyInput(projectId, { spec, usage: defaultUsage(spec) }))
        return key.id
      },
      call: (call, body) =>
        sendSigned(url, credentials, {
          method: 'POST',
          url: `/v1.0/${projectId}/kms/${call}`,
          body: JSON.stringify({ sequence: randomUUID(), ...body }),
        }),
      numbers: async () => {
        // Of several processes any may get a new connection, and one that is kept stays with one of them.
        const answer = await fetch(`${url}/metrics`, { headers: { connection: 'close' } })
        return readExposition(await answer.text())
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}
