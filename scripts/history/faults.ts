import { setTimeout as pause } from 'node:timers/promises'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import type { EndpointUnderTest } from './endpoint-under-test.ts'
import { monotonicNow } from './history.ts'
import type { KeyOwner } from './key-owner.ts'
import type { Load } from './load.ts'
import type { Random } from './random.ts'
import type { World } from './world.ts'

/** What can befall a process. The first five the promise names; the others make rarer orders of events likely. */
export const faultNames = [
  'stopped and continued',
  'killed and started',
  'database cut',
  'paused before the crypto',
  'fenced while alive',
  'database silent',
  'commits told late',
] as const

export type FaultName = (typeof faultNames)[number]

/** When a process suffered what. */
export type Fault = { name: FaultName; process: string; begin: number; end: number }

/** How often each befalls a process. */
export type FaultWeights = Partial<Record<FaultName, number>>

/** Connections of an instance on which it renews its lease, and those on which calls are answered. */
const instanceLink = 'keystead instance'
const callsLink = 'keystead endpoint'

type Surroundings = {
  world: World
  endpoints: readonly EndpointUnderTest[]
  owners: readonly KeyOwner[]
  load: Load
}

/** Lets faults befall the processes, several at once but each process one at a time. */
export class Faults {
  readonly #around: Surroundings
  readonly #weights: FaultWeights
  readonly #random: Random
  readonly #struck = new Set<EndpointUnderTest>()
  readonly #stopping = new AbortController()
  readonly log: Fault[] = []
  #lanes: Promise<void>[] = []

  constructor(around: Surroundings, weights: FaultWeights, random: Random) {
    this.#around = around
    this.#weights = weights
    this.#random = random
  }

  /**
   * Returns when it was stopped; rejects when it cannot go on.
   *
   * @param lanes how many processes may suffer at once; fewer than there are
   */
  async start(lanes: number): Promise<void> {
    this.#lanes = Array.from({ length: lanes }, () => this.#run())
    await Promise.all(this.#lanes)
  }

  /** Returns when every process is well again. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#lanes)
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#for(this.#random.integer(100, 600))
      const endpoint = this.#random.pick(this.#around.endpoints.filter((one) => !this.#struck.has(one)))
      this.#struck.add(endpoint)
      const name = this.#random.weighted(this.#weights)
      const fault: Fault = {
        name,
        process: endpoint.name,
        begin: monotonicNow(),
        end: Number.POSITIVE_INFINITY,
      }
      this.log.push(fault)
      await this.#strike(fault, endpoint)
      fault.end = monotonicNow()
      this.#struck.delete(endpoint)
    }
  }

  #strike(fault: Fault, endpoint: EndpointUnderTest): Promise<void> {
    switch (fault.name) {
      case 'stopped and continued':
        return this.#stopAndContinue(endpoint)
      case 'killed and started':
        return this.#killAndStart(endpoint)
      case 'database cut':
        return this.#link(endpoint, 'cut', this.#random.integer(1_000, 4_500))
      case 'database silent':
        return this.#link(endpoint, 'silent', this.#random.integer(1_000, 4_500))
      case 'paused before the crypto':
        return this.#pauseBeforeCrypto(endpoint, fault)
      case 'fenced while alive':
        return this.#fence(endpoint)
      case 'commits told late':
        return this.#tellLate(endpoint)
    }
  }

  /** Until then, or until the faults are to end. */
  async #for(milliseconds: number): Promise<void> {
    await pause(milliseconds, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
  }

  /** Often just long enough to be fenced while its lease still runs, else longer than any lease. */
  async #stopAndContinue(endpoint: EndpointUnderTest): Promise<void> {
    await endpoint.stop()
    await this.#for(
      this.#random.chance(0.6) ? this.#random.integer(1_100, 2_200) : this.#random.integer(2_500, 5_500),
    )
    await endpoint.continue()
  }

  async #killAndStart(endpoint: EndpointUnderTest): Promise<void> {
    await endpoint.kill()
    await this.#for(this.#random.integer(100, 1_500))
    await endpoint.restart()
  }

  async #link(endpoint: EndpointUnderTest, state: 'cut' | 'silent', milliseconds: number): Promise<void> {
    await endpoint.link.set(state)
    await this.#for(milliseconds)
    await endpoint.link.set('open')
  }

  /** Longer than an instance is waited for and a lease; meanwhile the key in use is disabled. */
  async #pauseBeforeCrypto(endpoint: EndpointUnderTest, fault: Fault): Promise<void> {
    const paused = await endpoint.pauseInCrypto(this.#random.integer(5_000, 7_500), this.#stopping.signal)
    if (!paused) return
    const { call, resumed } = paused
    fault.begin = monotonicNow()
    const keyId = this.#around.load.keyOf(call)
    if (keyId) for (const owner of this.#around.owners) owner.wantDisabled(keyId)
    await resumed
  }

  /** It finds out late, registers late, and is told late of what changes meanwhile. */
  async #fence(endpoint: EndpointUnderTest): Promise<void> {
    const milliseconds = this.#random.integer(30, 150)
    await endpoint.link.set({ milliseconds, applicationName: instanceLink, answers: 'all' })
    const name = `%(process ${await endpoint.pid()})`
    for (let times = this.#random.integer(2, 4); times > 0; times--) {
      await inSystemTransaction(
        this.#around.world.db,
        'administration',
        (sql) => sql.$executeRaw`
          UPDATE instance SET fenced_at = clock_timestamp() WHERE name LIKE ${name} AND fenced_at IS NULL`,
      )
      await this.#for(this.#random.integer(300, 1_500))
    }
    await endpoint.link.set('open')
  }

  /** What calls have read may have changed by the time they learn that they may use it. */
  async #tellLate(endpoint: EndpointUnderTest): Promise<void> {
    const milliseconds = this.#random.integer(200, 600)
    await endpoint.link.set({ milliseconds, applicationName: callsLink, answers: 'to COMMIT' })
    await this.#for(this.#random.integer(1_500, 3_000))
    await endpoint.link.set('open')
  }
}
