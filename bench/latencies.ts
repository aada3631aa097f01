import { setDataEvents } from '#lib/kms/usage/set-data-events.ts'
import { decryptRequests, encryptRequests, signRequests } from './calls.ts'
import { insertUsableKeys } from './insert-usable-keys.ts'
import { saturation, warmUp } from './load.ts'
import { type Line, milliseconds, perSecond } from './measure.ts'
import { pinning } from './pinning.ts'
import type { ServedByOne } from './served.ts'

const OPEN_SECONDS = 8

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
    await warmUp(client, port, requests)
    const rate = (await saturation(client, port, requests)) / 2
    const open = { connections: 1_000, ready: 200, seconds: OPEN_SECONDS, perSecond: rate }
    const { answers } = await client.run({ ports: [port], requests, ...open })
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
