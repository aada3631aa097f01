import { expect, test } from 'vitest'
import type { EndpointUnderTest } from './endpoint-under-test.ts'
import { Faults } from './faults.ts'
import type { Load } from './load.ts'
import { Random } from './random.ts'
import type { World } from './world.ts'

test('a process that no call came to be paused in has suffered nothing', async () => {
  const asked = Promise.withResolvers<void>()
  const endpoint = {
    name: 'a',
    pauseInCrypto: async (_milliseconds: number, givenUp: AbortSignal) => {
      asked.resolve()
      await new Promise((resolve) => givenUp.addEventListener('abort', resolve))
      return null
    },
  } as unknown as EndpointUnderTest
  const around = { world: {} as World, load: {} as Load, owners: [], endpoints: [endpoint] }
  const faults = new Faults(around, { 'paused before the crypto': 1 }, new Random(1))
  const ended = faults.start(1)
  await asked.promise
  await faults.stop()
  await ended
  expect(faults.log).toEqual([])
})
