import { setDataEvents } from '#lib/kms/usage/set-data-events.ts'
import type { BareKey } from './bare-server.ts'
import { encryptRequests } from './calls.ts'
import { insertUsableKeys } from './insert-usable-keys.ts'
import { startLoadClient, throughput, warmUp } from './load.ts'
import { inPairs, type Line, perSecond, times } from './measure.ts'
import { pinning } from './pinning.ts'
import type { ServedByOne } from './served.ts'
import { startEndpoint } from './start-endpoint.ts'

const SECONDS = 2
const KEYS = 10_000
/** What the other numbers of keys are compared with. */
const USUAL = 1_000

/** What the number of distinct keys, and a second process, make of the throughput of encrypting. */
export async function throughputs(served: ServedByOne): Promise<Line[]> {
  const { world, caller } = served
  const { projectId } = caller
  const keys = await insertUsableKeys(world, { projectId, count: KEYS, prefix: 'many', spec: 'AES_256' })
  await setDataEvents(world.ctx, { enabled: false })
  return [...(await byKeys(served, keys)), ...(await byProcesses(served, keys.slice(0, USUAL)))]
}

async function byKeys({ caller, client, port }: ServedByOne, keys: readonly BareKey[]): Promise<Line[]> {
  const all = encryptRequests(caller, keys)
  const run = async (requests: Buffer[]): Promise<number> =>
    throughput(await client.run({ ports: [port], requests, connections: 32, seconds: SECONDS }))
  await warmUp(client, port, all)
  const lines: Line[] = []
  for (const count of [10, KEYS]) {
    const { ratio, ours, reference } = await inPairs(
      () => run(all.slice(0, count)),
      () => run(all.slice(0, USUAL)),
    )
    lines.push({
      claim: `Throughput of encrypt-data with ${count.toLocaleString('en')} distinct keys, against 1,000`,
      value: times(ratio),
      figures: `${perSecond(ours)} against ${perSecond(reference)}; ${pinning}`,
    })
  }
  return lines
}

async function byProcesses(
  { world, settings, caller }: ServedByOne,
  keys: readonly BareKey[],
): Promise<Line[]> {
  const start = { connectionString: world.connectionString, settings, side: null }
  await using first = await startEndpoint(start)
  await using second = await startEndpoint(start)
  await using client = startLoadClient(null)
  const requests = encryptRequests(caller, keys)
  for (const { port } of [first, second]) await warmUp(client, port, requests)
  let load = 0
  const run = async (ports: number[]): Promise<number> => {
    // 32 at a time are never turned away by a process.
    const result = await client.run({ ports, requests, connections: 32 * ports.length, seconds: SECONDS })
    load = Math.max(load, result.clientLoad)
    return throughput(result)
  }
  const { ratio, ours, reference } = await inPairs(
    () => run([first.port, second.port]),
    () => run([first.port]),
  )
  return [
    {
      claim: 'Throughput of encrypt-data with 2 endpoint processes, against 1',
      value: times(ratio),
      figures: `${perSecond(ours)} against ${perSecond(reference)}; nothing is pinned: on two cores client (up to ${Math.round(load * 100)} % of one) and database take from the second process`,
    },
  ]
}
