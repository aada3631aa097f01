import { makeAccessKey } from '#lib/kms/access/make-access-key.ts'
import type { OfflineWorld } from '../scripts/testing/offline-world.ts'
import type { Caller } from './calls.ts'
import type { LoadClient } from './load.ts'

/** A world over which endpoints can be started. */
export type Served = {
  world: OfflineWorld
  /** Environment variables for its processes. */
  settings: Record<string, string>
  caller: Caller
}

/** What the lines about one endpoint work with. */
export type ServedByOne = Served & {
  client: LoadClient
  /** Of an endpoint that has a core to itself. */
  port: number
}

/** The administrator of a world, as a program that calls for the first project. */
export async function programOf({ ctx, projectIds }: OfflineWorld): Promise<Caller> {
  const [projectId] = projectIds as [string]
  return { ...(await makeAccessKey(ctx, { userId: ctx.actor.id })), projectId }
}
