import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { setDataEvents } from '#lib/kms/usage/set-data-events.ts'
import type { BareOrder } from './bare-server.ts'
import { encryptRequests, signRequests } from './calls.ts'
import { fork } from './fork.ts'
import { insertUsableKeys } from './insert-usable-keys.ts'
import { throughput, warmUp } from './load.ts'
import { atLeast, inPairs, type Line, perSecond } from './measure.ts'
import { pinning } from './pinning.ts'
import type { ServedByOne } from './served.ts'

/** One run of one side. */
const SECONDS = 3
const CONNECTIONS = 32

async function compare(
  { client, port }: ServedByOne,
  order: BareOrder,
  requests: Buffer[],
): Promise<{ ratio: number; figures: string }> {
  const first = await warmUp(client, port, requests)
  const bare = fork('bench/bare-server.ts', { side: 'server' })
  try {
    const barePort = await bare.ask<number>(order)
    let busiest = 0
    const run = async (of: number): Promise<number> => {
      const result = await client.run({ ports: [of], requests, connections: CONNECTIONS, seconds: SECONDS })
      busiest = Math.max(busiest, result.clientLoad)
      return throughput(result)
    }
    const { ratio, ours, reference } = await inPairs(
      () => run(port),
      () => run(barePort),
    )
    return {
      ratio,
      figures: `${perSecond(ours)} against ${perSecond(reference)}; ${CONNECTIONS} connections; ${pinning}, the client's at most ${Math.round(busiest * 100)} % busy; the first use of each key ${perSecond(first)}`,
    }
  } finally {
    await bare.stop()
  }
}

/** What the client can do where the server hardly does anything: it must never be the client that is measured. */
export async function loadClient({
  client,
  caller,
}: Pick<ServedByOne, 'client' | 'caller'>): Promise<Line[]> {
  const keys = [{ id: randomUUID(), accountId: randomUUID(), setId: randomUUID(), material: randomBytes(32) }]
  const requests = encryptRequests(caller, keys)
  const answering = fork('bench/bare-server.ts', { side: 'server' })
  const sealing = fork('bench/bare-server.ts', { side: 'server' })
  try {
    const answeringPort = await answering.ask<number>({ does: 'answer', keys: [] })
    const sealingPort = await sealing.ask<number>({ does: 'seal', keys })
    const run = async (port: number): Promise<number> =>
      throughput(await client.run({ ports: [port], requests, connections: CONNECTIONS, seconds: 1 }))
    const { ratio, ours, reference } = await inPairs(
      () => run(answeringPort),
      () => run(sealingPort),
    )
    return [
      {
        claim:
          'What the load client gets from a server that does nothing, against the bare server that seals',
        ...atLeast(2, ratio),
        figures: `${perSecond(ours)} against ${perSecond(reference)}; ${CONNECTIONS} connections; ${pinning}`,
      },
    ]
  } finally {
    await Promise.all([answering.stop(), sealing.stop()])
  }
}

/** Encrypting, against a bare server that parses the same requests and seals with the same material. */
export async function encrypting(served: ServedByOne): Promise<Line[]> {
  const { world, caller } = served
  const keys = await insertUsableKeys(world, {
    projectId: caller.projectId,
    count: 1_000,
    prefix: 'encrypt',
    spec: 'AES_256',
  })
  await setDataEvents(world.ctx, { enabled: false })
  const { ratio, figures } = await compare(served, { does: 'seal', keys }, encryptRequests(caller, keys))
  return [
    {
      claim: 'Endpoint, encrypt-data of 1 KiB over 1,000 AES_256 keys, against a bare server that seals',
      ...atLeast(0.6, ratio),
      figures,
    },
  ]
}

/** What recording every use in the audit chain costs. */
export async function dataEvents({ world, caller, client, port }: ServedByOne): Promise<Line[]> {
  const { projectId } = caller
  const keys = await insertUsableKeys(world, { projectId, count: 1_000, prefix: 'events', spec: 'AES_256' })
  const requests = encryptRequests(caller, keys)
  await warmUp(client, port, requests)
  const run = async (enabled: boolean): Promise<number> => {
    await setDataEvents(world.ctx, { enabled })
    // Uses of the run before are written, or not, as the switch says now.
    await pause(1_500)
    const order = { ports: [port], requests, connections: CONNECTIONS, seconds: SECONDS }
    return throughput(await client.run(order))
  }
  const { ratio, ours, reference } = await inPairs(
    () => run(true),
    () => run(false),
  )
  await setDataEvents(world.ctx, { enabled: false })
  return [
    {
      claim: 'The same with data events on, against off',
      ...atLeast(0.8, ratio),
      figures: `${perSecond(ours)} against ${perSecond(reference)}; ${CONNECTIONS} connections; ${pinning}`,
    },
  ]
}

/** Signing, against a bare server that makes the same signatures. */
export async function signing(served: ServedByOne): Promise<Line[]> {
  const { world, caller } = served
  const keys = await insertUsableKeys(world, {
    projectId: caller.projectId,
    count: 10,
    prefix: 'sign',
    spec: 'RSA_2048',
  })
  await setDataEvents(world.ctx, { enabled: false })
  const lines: Line[] = []
  for (const type of ['DIGEST', 'RAW'] as const) {
    const requests = signRequests(caller, keys, type)
    const { ratio, figures } = await compare(served, { does: 'sign', keys }, requests)
    lines.push({
      claim: `Endpoint, sign with RSA_2048, ${type}, against a bare server that signs`,
      ...atLeast(0.85, ratio),
      figures,
    })
  }
  return lines
}
