import { setTimeout as pause } from 'node:timers/promises'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import type { EndpointUnderTest } from './endpoint-under-test.ts'
import { monotonicNow } from './history.ts'
import type { KeyOwner } from './key-owner.ts'
import type { Load } from './load.ts'
import type { Random } from './random.ts'
import type { World } from './world.ts'

/** What befalls processes in the promise. */
export const promisedFaults = [
  'stopped and continued',
  'killed and started',
  'database cut',
  'paused before the crypto',
] as const

/** What can befall a process: what the promise names, and what makes rarer orders of events likely. */
export const faultNames = [
  ...promisedFaults,
  'fenced while alive',
  'database silent',
  'commits told late',
] as const

export type FaultName = (typeof faultNames)[number]

/** When a process suffered what; the end is infinite while it does. */
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
  /** Those that struck: what was given up before it did is none. */
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
      if (this.#stopping.signal.aborted) return
      const endpoint = this.#random.pick(this.#around.endpoints.filter((one) => !this.#struck.has(one)))
      this.#struck.add(endpoint)
      await this.#strike(this.#random.weighted(this.#weights), endpoint)
      this.#struck.delete(endpoint)
    }
  }

  #strike(name: FaultName, endpoint: EndpointUnderTest): Promise<void> {
    switch (name) {
      case 'stopped and continued':
        return this.#stopAndContinue(endpoint)
      case 'killed and started':
        return this.#killAndStart(endpoint)
      case 'database cut':
        return this.#link(name, endpoint, 'cut')
      case 'database silent':
        return this.#link(name, endpoint, 'silent')
      case 'paused before the crypto':
        return this.#pauseBeforeCrypto(endpoint)
      case 'fenced while alive':
        return this.#fence(endpoint)
      case 'commits told late':
        return this.#tellLate(endpoint)
    }
  }

  /** The process suffers it from here until this is disposed of. */
  #suffers(name: FaultName, endpoint: EndpointUnderTest): Disposable {
    const fault: Fault = {
      name,
      process: endpoint.name,
      begin: monotonicNow(),
      end: Number.POSITIVE_INFINITY,
    }
    this.log.push(fault)
    return {
      [Symbol.dispose]: () => {
        fault.end = monotonicNow()
      },
    }
  }

  /** Until then, or until the faults are to end. */
  async #for(milliseconds: number): Promise<void> {
    await pause(milliseconds, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
  }

  /** Often just long enough to be fenced while its lease still runs, else longer than any lease. */
  async #stopAndContinue(endpoint: EndpointUnderTest): Promise<void> {
    await endpoint.stop()
    using _ = this.#suffers('stopped and continued', endpoint)
    await this.#for(
      this.#random.chance(0.6) ? this.#random.integer(1_100, 2_200) : this.#random.integer(2_500, 5_500),
    )
    await endpoint.continue()
  }

  async #killAndStart(endpoint: EndpointUnderTest): Promise<void> {
    await endpoint.kill()
    using _ = this.#suffers('killed and started', endpoint)
    await this.#for(this.#random.integer(100, 1_500))
    await endpoint.restart()
  }

  async #link(name: FaultName, endpoint: EndpointUnderTest, state: 'cut' | 'silent'): Promise<void> {
    await endpoint.link.set(state)
    using _ = this.#suffers(name, endpoint)
    await this.#for(this.#random.integer(1_000, 4_500))
    await endpoint.link.set('open')
  }

  /** Longer than an instance is waited for and a lease; meanwhile the key in use is disabled. */
  async #pauseBeforeCrypto(endpoint: EndpointUnderTest): Promise<void> {
    const paused = await endpoint.pauseInCrypto(this.#random.integer(5_000, 7_500), this.#stopping.signal)
    if (!paused) return
    using _ = this.#suffers('paused before the crypto', endpoint)
    const { call, resumed } = paused
    const keyId = this.#around.load.keyOf(call)
    if (keyId) for (const owner of this.#around.owners) owner.wantDisabled(keyId)
    await resumed
  }

  /** It finds out late, registers late, and is told late of what changes meanwhile. */
  async #fence(endpoint: EndpointUnderTest): Promise<void> {
    const milliseconds = this.#random.integer(60, 250)
    await endpoint.link.set({ milliseconds, applicationName: instanceLink, answers: 'all' })
    using _ = this.#suffers('fenced while alive', endpoint)
    const name = `%(process ${await endpoint.pid()})`
    for (let times = this.#random.integer(2, 4); times > 0; times--) {
      await inSystemTransaction(
        this.#around.world.db,
        'administration',
        (sql) => sql.$executeRaw`
          UPDATE instance SET fenced_at = clock_timestamp() WHERE name LIKE ${name} AND fenced_at IS NULL`,
      )
      await this.#for(this.#random.integer(800, 2_500))
    }
    await endpoint.link.set('open')
  }

  /** What calls have read may have changed by the time they learn that they may use it. */
  async #tellLate(endpoint: EndpointUnderTest): Promise<void> {
    const milliseconds = this.#random.integer(200, 600)
    await endpoint.link.set({ milliseconds, applicationName: callsLink, answers: 'to COMMIT' })
    using _ = this.#suffers('commits told late', endpoint)
    await this.#for(this.#random.integer(1_500, 3_000))
    await endpoint.link.set('open')
  }
}
