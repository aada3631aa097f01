import type { EndpointSabotage } from './endpoint-messages.ts'
import { EndpointUnderTest } from './endpoint-under-test.ts'
import type { World } from './world.ts'

/** The processes of a run. */
export type Endpoints = AsyncDisposable & { all: readonly EndpointUnderTest[] }

const names = ['a', 'b', 'c'] as const

/** Starts the processes, each with a way of its own to the database of the world. */
export async function openEndpoints(
  { offline, dataDir }: Pick<World, 'offline' | 'dataDir'>,
  sabotage: EndpointSabotage | null = null,
): Promise<Endpoints> {
  const place = { connectionString: offline.connectionString, dataDir }
  const settled = await Promise.allSettled(names.map((name) => EndpointUnderTest.open(name, place, sabotage)))
  const all = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const close = async (): Promise<void> => {
    await Promise.all(all.map((one) => one[Symbol.asyncDispose]()))
  }
  const failed = settled.find((one) => one.status === 'rejected')
  if (failed) {
    await close()
    throw failed.reason
  }
  return { all, [Symbol.asyncDispose]: close }
}
