import { applyChange } from '#lib/kms/changes/apply-change.ts'
import { planChange } from '#lib/kms/changes/plan-change.ts'
import type { BareKey } from './bare-server.ts'
import { encryptRequests } from './calls.ts'
import { insertUsableKeys } from './insert-usable-keys.ts'
import { untilRegistered } from './instances.ts'
import { type LoadClient, startLoadClient, warmUp } from './load.ts'
import { type Line, median, milliseconds, percentile, timed } from './measure.ts'
import type { Served } from './served.ts'
import { type StartedEndpoint, startEndpoint } from './start-endpoint.ts'
import { untilDone } from './until-done.ts'

const DISABLES = 150
const FAULTS = 5
const LIVE_GOAL = 100
const FAULT_GOAL = 4_000
/**
 * Calls a second to each instance meanwhile, about keys that stay Enabled: programs whose key is disabled do not go on
 * calling for long.
 */
const CALLS = 50

type Scene = Served & { endpoints: StartedEndpoint[]; everyone: LoadClient }

/** How long Disable takes until it holds on every instance: planned before, from OK until the change is done. */
export async function holdingEverywhere(served: Served): Promise<Line[]> {
  await using everyone = startLoadClient(null)
  const lines: Line[] = []
  for (const count of [1, 2, 4]) {
    await using endpoints = await start(served, count)
    const scene = { ...served, endpoints: endpoints.started, everyone }
    lines.push(await live(scene))
    if (count === 2) lines.push(await stopped(scene))
  }
  lines.push(await dead({ ...served, everyone, endpoints: [] }))
  return lines
}

async function start(
  { world, settings }: Served,
  count: number,
): Promise<AsyncDisposable & { started: StartedEndpoint[] }> {
  const { connectionString } = world
  const started = await Promise.all(
    Array.from({ length: count }, () => startEndpoint({ connectionString, settings, side: null })),
  )
  await untilRegistered(connectionString, count)
  return {
    started,
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((endpoint) => endpoint[Symbol.asyncDispose]()))
    },
  }
}

/** From OK until the change is done, in milliseconds. */
async function disable({ world, caller }: Scene, { id }: BareKey): Promise<number> {
  const { projectId } = caller
  const { id: changeId } = await planChange(world.ctx, {
    projectId,
    operation: 'disable',
    selection: { ids: [id] },
  })
  return timed(async () => {
    const change = await untilDone(world.ctx, await applyChange(world.ctx, { changeId, understood: true }))
    if (change.counts.done !== 1) throw new Error(`a key was not disabled: ${change.status}`)
  })
}

const keysOf = ({ world, caller }: Served, count: number): Promise<BareKey[]> =>
  insertUsableKeys(world, { projectId: caller.projectId, count, prefix: 'disable', spec: 'AES_256' })

/** Uses the keys on every instance, which then has them in its cache. */
async function fillCaches({ caller, endpoints, everyone }: Scene, keys: BareKey[]): Promise<void> {
  const requests = encryptRequests(caller, keys)
  for (const { port } of endpoints) await warmUp(everyone, port, requests)
}

async function live(scene: Scene): Promise<Line> {
  const { caller, endpoints, everyone } = scene
  const keys = await keysOf(scene, DISABLES)
  const others = await keysOf(scene, DISABLES)
  await fillCaches(scene, [...keys, ...others])
  let over = false
  const calling = async (): Promise<void> => {
    const ports = endpoints.map(({ port }) => port)
    const perSecond = CALLS * ports.length
    const requests = encryptRequests(caller, others)
    while (!over)
      await everyone.run({ ports, requests, connections: 64, seconds: 1, perSecond, patient: true })
  }
  const called = calling()
  const taken: number[] = []
  for (const key of keys) taken.push(await disable(scene, key))
  over = true
  await called
  const p99 = percentile(taken, 0.99)
  return {
    claim: `Disable until it holds everywhere, ${endpoints.length} live ${endpoints.length === 1 ? 'instance' : 'instances'}, p99 of ${DISABLES}`,
    value: milliseconds(p99),
    goal: { words: `≤ ${LIVE_GOAL} ms`, reached: p99 <= LIVE_GOAL },
    figures: `p50 ${milliseconds(median(taken))}, p90 ${milliseconds(percentile(taken, 0.9))}, most ${milliseconds(Math.max(...taken))}; each instance answers ${CALLS} calls a second meanwhile`,
  }
}

function faultLine(fault: string, taken: readonly number[]): Line {
  const most = Math.max(...taken)
  return {
    claim: `Disable until it holds everywhere, one of two instances ${fault}, the longest of ${FAULTS}`,
    value: milliseconds(most),
    goal: { words: `≤ ${FAULT_GOAL} ms`, reached: most <= FAULT_GOAL },
    figures: `in turn ${taken.map(milliseconds).join(', ')}`,
  }
}

async function stopped(scene: Scene): Promise<Line> {
  const { world, endpoints } = scene
  const [, victim] = endpoints as [StartedEndpoint, StartedEndpoint]
  const keys = await keysOf(scene, FAULTS)
  const taken: number[] = []
  for (const key of keys) {
    await fillCaches(scene, [key])
    victim.forked.process.kill('SIGSTOP')
    taken.push(await disable(scene, key))
    victim.forked.process.kill('SIGCONT')
    await untilRegistered(world.connectionString, endpoints.length)
  }
  return faultLine('stopped (SIGSTOP)', taken)
}

async function dead(scene: Scene): Promise<Line> {
  const keys = await keysOf(scene, FAULTS)
  const taken: number[] = []
  for (const key of keys) {
    await using pair = await start(scene, 2)
    const [, victim] = pair.started as [StartedEndpoint, StartedEndpoint]
    await fillCaches({ ...scene, endpoints: pair.started }, [key])
    victim.forked.process.kill('SIGKILL')
    taken.push(await disable(scene, key))
  }
  return faultLine('dead (kill -9)', taken)
}
