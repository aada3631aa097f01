import { setDataEvents } from '#lib/kms/usage/set-data-events.ts'
import { encryptRequests } from './calls.ts'
import { insertUsableKeys } from './insert-usable-keys.ts'
import { type Latency, throughput, warmUp } from './load.ts'
import type { LoadOrder, LoadResult } from './load-client.ts'
import { atMost, type Line, median, milliseconds, perSecond } from './measure.ts'
import { pinning } from './pinning.ts'
import type { ServedByOne } from './served.ts'

const SATURATE_SECONDS = 2
/** One more than are counted: the first warms up. */
const SATURATIONS = 4
const HALF_SECONDS = 10
const TWICE_SECONDS = 20
/** Callers who know nothing of each other. */
const CONNECTIONS = 500
/** How finely the time to recover is told. */
const WINDOW_SECONDS = 0.5
const WINDOWS_MAX = 20
/** As a share of the p99 at half load; so short a window has its own noise. */
const NORMAL = 2

type Counted = Latency & { count: number }

const none: Counted = { count: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0, mean: 0 }

const answersOf = ({ answers }: LoadResult, status: number): Counted =>
  answers.find((one) => one.status === status) ?? none

/** How the endpoint answers when twice as much is asked of it as it can do, and how soon it is as before. */
export async function overload({ world, caller, client, port }: ServedByOne): Promise<Line[]> {
  const { projectId } = caller
  const keys = await insertUsableKeys(world, { projectId, count: 1_000, prefix: 'overload', spec: 'AES_256' })
  await setDataEvents(world.ctx, { enabled: false })
  const requests = encryptRequests(caller, keys)
  await warmUp(client, port, requests)
  const run = (order: Omit<LoadOrder, 'ports' | 'requests'>) =>
    client.run({ ports: [port], requests, ...order })
  const open = (perSecond: number, seconds: number) =>
    run({ connections: CONNECTIONS, ready: CONNECTIONS, seconds, perSecond })

  const most: number[] = []
  for (let count = 0; count < SATURATIONS; count++) {
    most.push(throughput(await run({ connections: 32, seconds: SATURATE_SECONDS })))
  }
  const saturation = median(most.slice(1))
  const before = await open(saturation / 2, HALF_SECONDS)
  const half = answersOf(before, 200)
  const refusedBefore = answersOf(before, 503).count
  const twice = await open(saturation * 2, TWICE_SECONDS)
  const recovery = await recovered(() => open(saturation / 2, WINDOW_SECONDS), half.p99 * NORMAL)

  const admitted = answersOf(twice, 200)
  const refused = answersOf(twice, 503)
  const lost = twice.answers.filter(({ status }) => status !== 200 && status !== 503)
  const others = lost.map(({ status, count }) => `; ${count} × ${status}`).join('')
  const asked = `${perSecond(saturation * 2)} asked of what can do ${perSecond(saturation)}`
  return [
    {
      claim: 'p99 of encrypt-data that is let in at twice saturation, against that at half load, open loop',
      ...atMost(5, admitted.p99 / half.p99),
      figures: `${milliseconds(admitted.p99)} against ${milliseconds(half.p99)} (p50 ${milliseconds(admitted.p50)} against ${milliseconds(half.p50)}); ${asked}: ${perSecond(admitted.count / twice.seconds)} let in, ${perSecond(refused.count / twice.seconds)} refused${others}; ${refusedBefore} of ${half.count + refusedBefore} refused at half load; ${pinning}, the client's ${Math.round(twice.clientLoad * 100)} % busy`,
    },
    {
      claim: 'Slowest refusal at twice saturation',
      value: milliseconds(refused.max),
      goal: { words: '≤ 50 ms', reached: refused.count > 0 && refused.max <= 50 && lost.length === 0 },
      figures: `p50 ${milliseconds(refused.p50)}, p99 ${milliseconds(refused.p99)}, p99.9 ${milliseconds(refused.p999)}`,
    },
    {
      claim: 'Back to normal after the overload: nobody refused, p99 at most twice that of before',
      value: recovery === null ? 'not' : `${recovery.toFixed(1)} s`,
      goal: { words: '≤ 5 s', reached: recovery !== null && recovery <= 5 },
      figures: `looked at every ${WINDOW_SECONDS} s, under half load, until it held for three looks`,
    },
  ]
}

/** Seconds after which three looks in a row were normal; null: they never were. */
async function recovered(look: () => Promise<LoadResult>, p99Max: number): Promise<number | null> {
  let normal = 0
  for (let window = 0; window < WINDOWS_MAX; window++) {
    const result = await look()
    const well = answersOf(result, 200)
    normal = result.answers.length === 1 && well.count > 0 && well.p99 <= p99Max ? normal + 1 : 0
    if (normal === 3) return (window - 2) * WINDOW_SECONDS
  }
  return null
}
