import type { AddressInfo } from 'node:net'
import { inject } from 'vitest'
import { makeAccessKey } from '#lib/kms/access/make-access-key.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { type TestWorld, testWorld } from '#lib/kms/testing/test-world.ts'
import { createEndpoint, type EndpointOptions } from '../create-endpoint.ts'
import { type Credentials, type RealClient, realClient } from './real-client.ts'

/** A listening endpoint over an account of its own. */
export type TestEndpoint = AsyncDisposable & {
  world: TestWorld
  /** `http://127.0.0.1:<port>` */
  url: string
  port: number
  /** Of the account's administrator, in its first project. */
  credentials: Required<Credentials>
  client: RealClient
  /** Body of an answer by its X-Request-Id. */
  bodyOf: (requestId: string) => string
  /** The client of another user, in the first project unless told otherwise. */
  clientOf: (ctx: KmsContext, projectId?: string) => Promise<RealClient>
}

export async function testEndpoint(
  options: Partial<EndpointOptions> & { keyQuota?: number; connectionString?: string } = {},
): Promise<TestEndpoint> {
  const { keyQuota, connectionString = inject('databaseUrl'), ...given } = options
  const world = await testWorld(connectionString, keyQuota === undefined ? {} : { keyQuota })
  const endpoint = createEndpoint({
    db: world.db,
    rootKey: world.rootKey,
    readiness: async () => ({ status: 'ready', warnings: [] }),
    endpointUrl: 'http://kms.test',
    log: null,
    ...given,
  })
  const bodies = new Map<string, string>()
  endpoint.addHook('onSend', async (request, _reply, payload) => {
    bodies.set(request.id, String(payload))
  })
  await endpoint.listen({ host: '127.0.0.1', port: 0 })
  const { port } = endpoint.server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const credentialsOf = async (ctx: KmsContext, projectId: string) => ({
    ...(await makeAccessKey(world.ctx, { userId: ctx.actor.id })),
    projectId,
  })
  const credentials = await credentialsOf(world.ctx, world.projectId)
  return {
    world,
    url,
    port,
    credentials,
    client: realClient(url, credentials),
    bodyOf: (requestId) => bodies.get(requestId) ?? '',
    clientOf: async (ctx, projectId = world.projectId) =>
      realClient(url, await credentialsOf(ctx, projectId)),
    [Symbol.asyncDispose]: async () => {
      await endpoint.close()
      await world[Symbol.asyncDispose]()
    },
  }
}
