// The process that makes load: prebuilt requests over raw sockets, so that it can do several times what a server does.
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { Connection } from './connection.ts'

/** What the client is to do. */
export type LoadOrder = {
  /** On this machine; the connections are spread over them. */
  ports: readonly number[]
  /** Whole HTTP/1.1 requests, sent in turn, for as long as it takes. */
  requests: readonly Uint8Array[]
  /** Closed loop: so many at all times. Open loop: as many as are needed, up to this. */
  connections: number
  /** Open loop: how many are open before it begins; 32 unless told. */
  ready?: number
  /** How long at most. */
  seconds: number
  /** Closed loop: sends each request once and ends. */
  once?: boolean
  /** Begins so many a second, whether or not earlier ones were answered. Left out: each connection asks again as soon as it has its answer. */
  perSecond?: number
  /** Open loop: sleeps until a request is due, a millisecond late at times, where the client has no core to itself. */
  patient?: boolean
}

/** Milliseconds; in an open loop from the moment at which a request was due. */
export type Latency = { p50: number; p90: number; p99: number; p999: number; max: number; mean: number }

/** Answers of one status; 0 stands for those that never came. */
export type Answers = Latency & { status: number; count: number }

export type LoadResult = {
  answers: Answers[]
  /** From the first request to the last answer that was counted. */
  seconds: number
  /** How much of a core the client itself needed, 0 to 1: near 1 it is the client that was measured. */
  clientLoad: number
}

/** Long enough for anything that is still to come. */
const STRAGGLERS = 10_000

class Tally {
  readonly #byStatus = new Map<number, RecordableHistogram>()

  add(status: number, milliseconds: number): void {
    let histogram = this.#byStatus.get(status)
    if (!histogram) {
      histogram = createHistogram({ lowest: 1, highest: 120_000_000, figures: 3 })
      this.#byStatus.set(status, histogram)
    }
    histogram.record(Math.max(1, Math.round(milliseconds * 1000)))
  }

  answers(): Answers[] {
    return [...this.#byStatus].map(([status, histogram]) => {
      const at = (percent: number): number => histogram.percentile(percent) / 1000
      return {
        status,
        count: histogram.count,
        p50: at(50),
        p90: at(90),
        p99: at(99),
        p999: at(99.9),
        max: histogram.max / 1000,
        mean: histogram.mean / 1000,
      }
    })
  }
}

type Work = { tally: Tally; connections: Connection[]; next: () => Uint8Array; connect: () => Connection }

function closedLoop({ tally, connections, next }: Work, milliseconds: number, most: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const end = performance.now() + milliseconds
  let open = connections.length
  let sent = 0
  for (const connection of connections) {
    let begun = performance.now()
    const answered = (status: number): void => {
      const now = performance.now()
      if (now < end) tally.add(status, now - begun)
      begun = now
      if (now < end && sent++ < most) connection.send(next(), answered)
      else if (--open === 0) resolve()
    }
    sent++
    connection.send(next(), answered)
  }
  return promise
}

function openLoop(
  { tally, connections, next, connect }: Work,
  {
    perSecond,
    milliseconds,
    most,
    patient,
  }: { perSecond: number; milliseconds: number; most: number; patient: boolean },
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const idle = [...connections]
  const waiting: number[] = []
  let waited = 0
  let under = 0
  let over = false
  const begun = performance.now()
  const send = (connection: Connection, due: number): void => {
    under++
    connection.send(next(), (status) => {
      under--
      tally.add(status, performance.now() - due)
      const late = waiting[waited]
      if (late === undefined) idle.push(connection)
      else {
        waited++
        send(connection, late)
      }
      if (over && under === 0) resolve()
    })
  }
  let sent = 0
  const tick = (): void => {
    const now = performance.now()
    let due = begun + (sent * 1000) / perSecond
    for (; due <= now && due < begun + milliseconds; due = begun + (++sent * 1000) / perSecond) {
      let connection = idle.pop()
      if (!connection && connections.length < most) {
        connection = connect()
        connections.push(connection)
      }
      if (connection) send(connection, due)
      else waiting.push(due)
    }
    if (due >= begun + milliseconds) {
      over = true
      if (under === 0) resolve()
      return
    }
    // A timer is up to a millisecond late, which would be felt in every answer.
    if (patient) setTimeout(tick, due - now)
    else if (due - now > 2) setTimeout(tick, due - now - 1)
    else setImmediate(tick)
  }
  tick()
  const { promise: late, resolve: giveUp } = Promise.withResolvers<void>()
  const timer = setTimeout(giveUp, milliseconds + STRAGGLERS)
  return Promise.race([promise, late]).then(() => {
    clearTimeout(timer)
    const now = performance.now()
    for (const due of waiting.slice(waited)) tally.add(0, now - due)
    for (let missing = 0; missing < under; missing++) tally.add(0, milliseconds)
  })
}

async function run(order: LoadOrder): Promise<LoadResult> {
  const { ports, requests, connections, seconds, perSecond, patient = false, once = false } = order
  const most = once ? Math.min(connections, requests.length) : connections
  const all = requests.map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  let at = 0
  let connected = 0
  const tally = new Tally()
  const connect = (): Connection => new Connection(ports[connected++ % ports.length] as number)
  const first = perSecond === undefined ? most : Math.min(most, order.ready ?? 32)
  const opened = Array.from({ length: first }, connect)
  await Promise.all(opened.map((connection) => connection.opened()))
  const work = {
    tally,
    connections: opened,
    connect,
    next: () => all[at++ % all.length] as Buffer,
  }
  const before = process.cpuUsage()
  const begun = performance.now()
  await (perSecond === undefined
    ? closedLoop(work, seconds * 1000, once ? all.length : Infinity)
    : openLoop(work, { perSecond, milliseconds: seconds * 1000, most, patient }))
  const taken = (performance.now() - begun) / 1000
  const { user, system } = process.cpuUsage(before)
  for (const connection of opened) connection.close()
  return {
    answers: tally.answers(),
    seconds: perSecond === undefined && !once ? seconds : taken,
    clientLoad: (user + system) / 1e6 / taken,
  }
}

process.on('disconnect', () => process.exit())
process.on('message', (order: LoadOrder) => {
  run(order).then(
    (result) => process.send?.({ result }),
    (error: Error) => process.send?.({ error: error.message }),
  )
})
