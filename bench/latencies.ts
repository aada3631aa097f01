import { setDataEvents } from '#lib/kms/usage/set-data-events.ts'
import { decryptRequests, encryptRequests, signRequests } from './calls.ts'
import { insertUsableKeys } from './insert-usable-keys.ts'
import { throughput, warmUp } from './load.ts'
import { type Line, median, milliseconds, perSecond } from './measure.ts'
import { pinning } from './pinning.ts'
import type { ServedByOne } from './served.ts'

const SATURATE_SECONDS = 2
const OPEN_SECONDS = 8
/** One more than are counted: the first warms up. */
const SATURATIONS = 4

/** How long answers take while the endpoint does half of what it could. */
export async function latencies({ world, caller, client, port }: ServedByOne): Promise<Line[]> {
  const { projectId } = caller
  const symmetric = await insertUsableKeys(world, {
    projectId,
    count: 1_000,
    prefix: 'latency',
    spec: 'AES_256',
  })
  const asymmetric = await insertUsableKeys(world, {
    projectId,
    count: 10,
    prefix: 'latency',
    spec: 'RSA_2048',
  })
  await setDataEvents(world.ctx, { enabled: false })
  const operations = [
    { name: 'encrypt-data of 1 KiB', requests: encryptRequests(caller, symmetric) },
    { name: 'decrypt-data of 1 KiB', requests: decryptRequests(caller, symmetric) },
    { name: 'sign with RSA_2048, DIGEST', requests: signRequests(caller, asymmetric, 'DIGEST') },
  ]
  const lines: Line[] = []
  for (const { name, requests } of operations) {
    const ports = [port]
    await warmUp(client, port, requests)
    const most: number[] = []
    for (let run = 0; run < SATURATIONS; run++) {
      const order = { ports, requests, connections: 32, seconds: SATURATE_SECONDS }
      most.push(throughput(await client.run(order)))
    }
    const rate = median(most.slice(1)) / 2
    const order = { ports, requests, connections: 1_000, ready: 200, seconds: OPEN_SECONDS, perSecond: rate }
    const { answers } = await client.run(order)
    const well = answers.find(({ status }) => status === 200)
    if (!well) throw new Error(`nothing was answered well: ${name}`)
    const { p50, p90, p99, p999, max } = well
    const others = answers.filter((one) => one !== well).map(({ status, count }) => `, ${count} × ${status}`)
    lines.push({
      claim: `p99 of ${name} at half of what saturates it, open loop`,
      value: milliseconds(p99),
      figures: `${perSecond(rate)} of ${perSecond(rate * 2)}: p50 ${milliseconds(p50)}, p90 ${milliseconds(p90)}, p99.9 ${milliseconds(p999)}, most ${milliseconds(max)}; ${well.count} × 200${others.join('')}; ${pinning}`,
    })
  }
  return lines
}
