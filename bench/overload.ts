import { setDataEvents } from '#lib/kms/usage/set-data-events.ts'
import { encryptRequests } from './calls.ts'
import { insertUsableKeys } from './insert-usable-keys.ts'
import { type Latency, saturation, warmUp } from './load.ts'
import type { LoadResult } from './load-client.ts'
import { atMost, type Line, median, milliseconds, perSecond } from './measure.ts'
import { pinning } from './pinning.ts'
import type { ServedByOne } from './served.ts'

/** Half load and overload in turn, so that whatever else the machine does falls on both. */
const PAIRS = 3
const HALF_SECONDS = 6
const TWICE_SECONDS = 10
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

/** Begins so many requests a second for so many seconds. */
type Open = (perSecond: number, seconds: number) => Promise<LoadResult>

/** `most`: requests a second; `back`: seconds after which it was as before; null: it never was. */
type Pair = { most: number; half: LoadResult; twice: LoadResult; back: number | null }

/** How the endpoint answers when twice as much is asked of it as it can do, and how soon it is as before. */
export async function overload({ world, caller, client, port }: ServedByOne): Promise<Line[]> {
  const { projectId } = caller
  const keys = await insertUsableKeys(world, { projectId, count: 1_000, prefix: 'overload', spec: 'AES_256' })
  await setDataEvents(world.ctx, { enabled: false })
  const requests = encryptRequests(caller, keys)
  await warmUp(client, port, requests)
  const open: Open = (perSecond, seconds) => {
    const callers = { connections: CONNECTIONS, ready: CONNECTIONS }
    return client.run({ ports: [port], requests, ...callers, seconds, perSecond })
  }
  const pairs: Pair[] = []
  for (let pair = 0; pair < PAIRS; pair++) {
    // Anew each time: a shared machine may be half as fast as it was a minute ago.
    pairs.push(await measurePair(open, await saturation(client, port, requests)))
  }
  return [letIn(pairs), refusals(pairs), recovery(pairs)]
}

async function measurePair(open: Open, most: number): Promise<Pair> {
  const half = await open(most / 2, HALF_SECONDS)
  const twice = await open(most * 2, TWICE_SECONDS)
  const p99Max = answersOf(half, 200).p99 * NORMAL
  return { most, half, twice, back: await recovered(() => open(most / 2, WINDOW_SECONDS), p99Max) }
}

function letIn(pairs: readonly Pair[]): Line {
  const compared = pairs.map(({ half, twice }) => ({
    before: answersOf(half, 200),
    under: answersOf(twice, 200),
  }))
  const figures = compared.map(
    ({ before, under }) =>
      `${milliseconds(under.p99)} against ${milliseconds(before.p99)} (p50 ${milliseconds(under.p50)} against ${milliseconds(before.p50)})`,
  )
  const seconds = sum(pairs, ({ twice }) => twice.seconds)
  const rateOf = (status: number) =>
    perSecond(sum(pairs, ({ twice }) => answersOf(twice, status).count) / seconds)
  const refusedBefore = sum(pairs, ({ half }) => answersOf(half, 503).count)
  const askedBefore = refusedBefore + sum(compared, ({ before }) => before.count)
  const busiest = Math.max(...pairs.map(({ twice }) => twice.clientLoad))
  return {
    claim: `p99 of encrypt-data that is let in at twice saturation, against that at half load, open loop, median of ${PAIRS} pairs`,
    ...atMost(5, median(compared.map(({ before, under }) => under.p99 / before.p99))),
    figures: `${figures.join(', ')}; twice what it can do (${pairs.map(({ most }) => perSecond(most)).join(', ')}) is asked: ${rateOf(200)} let in, ${rateOf(503)} refused${others(pairs)}; ${refusedBefore} of ${askedBefore} refused at half load; ${pinning}, the client's at most ${Math.round(busiest * 100)} % busy`,
  }
}

function refusals(pairs: readonly Pair[]): Line {
  const refused = pairs.map(({ twice }) => answersOf(twice, 503))
  const slowest = Math.max(...refused.map(({ max }) => max))
  const each = (read: (one: Counted) => number): string =>
    refused.map((one) => milliseconds(read(one))).join(', ')
  const onlyRefused = refused.every(({ count }) => count > 0) && others(pairs) === ''
  return {
    claim: `Slowest refusal at twice saturation, in ${PAIRS} runs`,
    value: milliseconds(slowest),
    goal: { words: '≤ 50 ms', reached: onlyRefused && slowest <= 50 },
    figures: `run by run ${each(({ max }) => max)}; p50 ${each(({ p50 }) => p50)}; p99 ${each(({ p99 }) => p99)}; p99.9 ${each(({ p999 }) => p999)}`,
  }
}

function recovery(pairs: readonly Pair[]): Line {
  const told = pairs.map(({ back }) => (back === null ? 'not' : `${back.toFixed(1)} s`))
  const slowest = Math.max(...pairs.map(({ back }) => back ?? Number.POSITIVE_INFINITY))
  return {
    claim: `Back to normal after the overload, the slowest of ${PAIRS} times: nobody refused, p99 at most twice that of before`,
    value: Number.isFinite(slowest) ? `${slowest.toFixed(1)} s` : 'not',
    goal: { words: '≤ 5 s', reached: slowest <= 5 },
    figures: `in turn ${told.join(', ')}; looked at every ${WINDOW_SECONDS} s, under half load, until it held for three looks`,
  }
}

/** What came at twice saturation beside answers and refusals. */
function others(pairs: readonly Pair[]): string {
  return pairs
    .flatMap(({ twice }) => twice.answers.filter(({ status }) => status !== 200 && status !== 503))
    .map(({ status, count }) => `; ${count} × ${status}`)
    .join('')
}

const sum = <T>(list: readonly T[], read: (one: T) => number): number =>
  list.reduce((total, one) => total + read(one), 0)

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
