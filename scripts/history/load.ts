import { setTimeout as pause } from 'node:timers/promises'
import { parseEnvelope } from '#lib/kms/crypto/envelope-layout.ts'
import { callEndpoint, codeOf, type Received } from './call-endpoint.ts'
import { secondCheckHeader } from './endpoint-messages.ts'
import type { EndpointUnderTest } from './endpoint-under-test.ts'
import { type Answer, type Call, monotonicNow, type Switch } from './history.ts'
import type { Random } from './random.ts'
import type { Tally } from './tally.ts'
import {
  type Caller,
  type CallersCredential,
  type Estate,
  type LoadedKey,
  message,
  type World,
} from './world.ts'

/** A call before it is made. */
type PlannedCall = {
  operation: string
  body: object
  credential: CallersCredential
  needs: Switch[]
  named: Call['named']
}

/** Callers at each process at once, and the longest pause of one between two calls, in milliseconds. */
const workersPerEndpoint = 4
const thinkMilliseconds = 40

/**
 * A process that is slow to answer, or is stopped, is not called without end: what is not in a cache takes a connection to
 * the database, and a process has few. So many calls may be under way at one process when a change has just returned, and
 * so many while it is under way.
 */
const underWayMax = { returned: 24, 'under way': 6 }

/** A caller makes up to so many calls with one key, one after the other: only what is used again is in the cache. */
const burstMax = 8

/** Operations of each kind of key, and how often each is called. */
const operationsOf: Record<LoadedKey['kind'], Record<string, number>> = {
  aes: { 'encrypt-data': 5, 'decrypt-data': 3, 'create-datakey': 2, 'decrypt-datakey': 1 },
  external: { 'encrypt-data': 5, 'decrypt-data': 3 },
  signing: { sign: 2, verify: 1 },
  mac: { 'generate-mac': 2, 'verify-mac': 1 },
}

/** Services that call all processes at once, each with keys, users and credentials of its choice. */
export class Load {
  readonly #world: World
  readonly #endpoints: readonly EndpointUnderTest[]
  readonly #tally: Tally
  readonly #random: Random
  readonly #underWay = new Map<number, { keyId: string; done: Promise<void> }>()
  /** How many calls are under way at each process. */
  readonly #busy = new Map<EndpointUnderTest, number>()
  #number = 0
  #stopped = false
  #workers: Promise<void>[] = []

  constructor(world: World, endpoints: readonly EndpointUnderTest[], tally: Tally, random: Random) {
    this.#world = world
    this.#endpoints = endpoints
    this.#tally = tally
    this.#random = random
  }

  start(): void {
    this.#workers = this.#endpoints.flatMap((endpoint) =>
      Array.from({ length: workersPerEndpoint }, () => this.#work(endpoint)),
    )
  }

  /** Makes no new calls; returns when all have been answered. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#workers)
    while (this.#underWay.size > 0) await Promise.all([...this.#underWay.values()].map(({ done }) => done))
  }

  /** Calls every process at once with one key, by its id: what is being turned off or on is tried everywhere. */
  probe(key: LoadedKey, change: keyof typeof underWayMax): void {
    const [caller] = this.#world.callers
    const [credential] = caller?.credentials ?? []
    for (const endpoint of this.#endpoints) {
      const busy = (this.#busy.get(endpoint) ?? 0) >= underWayMax[change]
      if (!busy && caller && credential) void this.#make(endpoint, this.#plan(key, caller, credential))
    }
  }

  /** Calls every process with these keys again and again, ever more seldom, until disposed of. */
  keepProbing(keys: readonly LoadedKey[]): Disposable {
    const ending = new AbortController()
    const probe = async (): Promise<void> => {
      for (let wait = 50; !ending.signal.aborted; wait *= 2) {
        await pause(wait, undefined, { signal: ending.signal }).catch(() => undefined)
        if (!ending.signal.aborted) for (const key of keys) this.probe(key, 'under way')
      }
    }
    void probe()
    return { [Symbol.dispose]: () => ending.abort() }
  }

  /** Calls every process at once in the name of one user. */
  probeCaller(caller: Caller, credential: CallersCredential | null = null): void {
    const key = this.#random.pick(this.#random.pick(this.#world.estates).keys.slice(0, 2))
    for (const endpoint of this.#endpoints) {
      void this.#make(endpoint, this.#plan(key, caller, credential ?? this.#random.pick(caller.credentials)))
    }
  }

  /** Calls every process at once with a key that one user may have been granted. */
  probeGrantee(caller: Caller, key: LoadedKey): void {
    for (const endpoint of this.#endpoints) void this.#make(endpoint, this.#plan(key, caller))
  }

  /** Calls every process at once by an alias. */
  probeAlias(estate: Estate): void {
    for (const endpoint of this.#endpoints) void this.#make(endpoint, this.#planByAlias(estate))
  }

  /** The key of a call that has not been answered yet. */
  keyOf(number: number): string | null {
    return this.#underWay.get(number)?.keyId ?? null
  }

  async #work(endpoint: EndpointUnderTest): Promise<void> {
    while (!this.#stopped) {
      const estate = this.#random.pick(this.#world.estates)
      const key = this.#random.pick(estate.keys)
      const caller = this.#anyCaller()
      const credential = this.#random.pick(caller.credentials)
      const byAlias = this.#random.chance(0.15)
      for (let calls = this.#random.integer(1, burstMax); calls > 0 && !this.#stopped; calls--) {
        await this.#make(endpoint, byAlias ? this.#planByAlias(estate) : this.#plan(key, caller, credential))
        await pause(this.#random.integer(0, thinkMilliseconds))
      }
    }
  }

  #stableCaller(): Caller {
    return this.#random.pick(this.#world.callers.slice(0, 2))
  }

  #anyCaller(): Caller {
    return this.#random.chance(0.4) ? this.#stableCaller() : this.#random.pick(this.#world.callers)
  }

  #plan(key: LoadedKey, asked: Caller, given: CallersCredential | null = null): PlannedCall {
    // Grants are of the first two kinds of operations only, and signing keys have none.
    const caller = asked.policy === null && key.kind !== 'aes' ? this.#stableCaller() : asked
    const operation = this.#random.weighted(operationsOf[key.kind])
    const credential = given && caller === asked ? given : this.#random.pick(caller.credentials)
    return {
      operation,
      body: bodyOf(operation, key, key.id),
      credential,
      needs: needsOf(caller, credential, key.id),
      named: { keyId: key.id },
    }
  }

  #planByAlias(estate: Estate): PlannedCall {
    const caller = this.#stableCaller()
    const credential = this.#random.pick(caller.credentials)
    const [key] = estate.keys
    if (!key) throw new Error('an estate has keys')
    return {
      operation: 'encrypt-data',
      body: bodyOf('encrypt-data', key, estate.alias),
      credential,
      needs: needsOf(caller, credential, ''),
      named: { alias: estate.alias },
    }
  }

  #make(endpoint: EndpointUnderTest, planned: PlannedCall): Promise<void> {
    const number = ++this.#number
    this.#busy.set(endpoint, (this.#busy.get(endpoint) ?? 0) + 1)
    const done = this.#call(endpoint, planned, number).finally(() => {
      this.#underWay.delete(number)
      this.#busy.set(endpoint, (this.#busy.get(endpoint) ?? 1) - 1)
    })
    this.#underWay.set(number, { keyId: 'keyId' in planned.named ? planned.named.keyId : '', done })
    return done
  }

  async #call(endpoint: EndpointUnderTest, planned: PlannedCall, number: number): Promise<void> {
    const { operation, body, credential, needs, named } = planned
    const running = await endpoint.running()
    const path = `/v1.0/${this.#world.projectId}/kms/${operation}`
    let begin = 0
    const begun = (): void => {
      begin = monotonicNow()
    }
    const answer = await callEndpoint(running, credential.credential, { path, body, number }, begun).then(
      (received) => answerOf(received, named),
      (error: Error & { code?: string }): Answer => ({
        kind: 'unanswered',
        reason: error.code ?? error.message,
      }),
    )
    const end = monotonicNow()
    this.#tally.add({ number, process: endpoint.name, operation, needs, named, begin, end, answer })
  }
}

function needsOf(caller: Caller, credential: CallersCredential, keyId: string): Switch[] {
  return [caller.switch, caller.policy ?? grantSwitch(keyId, caller.userId), credential.switch]
}

export const grantSwitch = (keyId: string, userId: string): Switch => `grant ${keyId} ${userId}`

function bodyOf(operation: string, { made }: LoadedKey, named: string): object {
  const text = message.toString('base64')
  const signing = { message: text, signing_algorithm: 'ECDSA_SHA_256', message_type: 'RAW' }
  const mac = { message: text, mac_algorithm: 'HMAC_SHA_256' }
  const bodies: Record<string, object> = {
    'encrypt-data': { key_id: named, plain_text: message.toString() },
    'decrypt-data': { cipher_text: made.data },
    'create-datakey': { key_id: named, key_spec: 'AES_256' },
    'decrypt-datakey': { key_id: named, cipher_text: made.dataKey, datakey_cipher_length: '32' },
    sign: { key_id: named, ...signing },
    verify: { key_id: named, ...signing, signature: made.signature },
    'generate-mac': { key_id: named, ...mac },
    'verify-mac': { key_id: named, ...mac, mac: made.mac },
  }
  return bodies[operation] ?? {}
}

/** What says nothing about the state of anything: overload, and a database out of reach. */
const passing = [408, 429, 503, 504]

function answerOf({ status, body, headers }: Received, named: Call['named']): Answer {
  const reason = `${status} ${codeOf(body)}`
  if (passing.includes(status)) return { kind: 'unanswered', reason }
  if (status >= 500) return { kind: 'unexpected', reason }
  if (status >= 300) return { kind: 'refused', status, code: codeOf(body) }
  const checked = headers[secondCheckHeader]
  return {
    kind: 'success',
    // One operation does not repeat its key.
    keyId: String(body.key_id ?? ('keyId' in named ? named.keyId : '')),
    version: versionOf(body),
    secondCheck: typeof checked === 'string' ? Number(checked) : null,
  }
}

/** Data is in base64, data keys in hexadecimal. */
function versionOf({ cipher_text: text }: Record<string, unknown>): number | null {
  if (typeof text !== 'string') return null
  const bytes = Buffer.from(text, /^[0-9A-F]+$/.test(text) ? 'hex' : 'base64')
  return parseEnvelope(bytes).materialVersion
}
