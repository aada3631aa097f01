import { setTimeout as pause } from 'node:timers/promises'
import { associateAlias } from '#lib/kms/aliases/associate-alias.ts'
import { applyChange } from '#lib/kms/changes/apply-change.ts'
import { planChange } from '#lib/kms/changes/plan-change.ts'
import { readChange } from '#lib/kms/changes/read-change.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { createGrant } from '#lib/kms/grants/create-grant.ts'
import { revokeGrant } from '#lib/kms/grants/end-grant.ts'
import { changeKeyState } from '#lib/kms/keys/change-key-state.ts'
import { deleteMaterial } from '#lib/kms/material/delete-material.ts'
import type { KeyOperation, KeyState } from '#lib/kms/model/key-state.ts'
import { principalOf } from '#lib/kms/operations/find-grant.ts'
import { rotateKey } from '#lib/kms/rotation/rotate-key.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import type { ChangeLog } from './change-log.ts'
import { Changer } from './changer.ts'
import { keySwitch } from './judge.ts'
import { grantSwitch, type Load } from './load.ts'
import type { Random } from './random.ts'
import { type Estate, importAgain, type LoadedKey, type World } from './world.ts'

/** Longest pause between two changes, in milliseconds. */
const pauseMilliseconds = 250

/** A change holds everywhere within some seconds, whatever befalls the instances. */
const confirmedWithin = 30_000

type Step =
  | 'plan'
  | 'disable'
  | 'disable twice'
  | 'disable and delete'
  | 'delete'
  | 'delete material'
  | 'rotate'
  | 'move alias'
  | 'grant'

const common: Partial<Record<Step, number>> = {
  plan: 8,
  disable: 7,
  'disable twice': 2,
  'disable and delete': 2,
  delete: 1,
}

/** How often each is done to a key that is Enabled. */
const steps: Record<LoadedKey['kind'], Partial<Record<Step, number>>> = {
  aes: { ...common, rotate: 4, 'move alias': 3, grant: 4 },
  external: { ...common, plan: 6, disable: 5, 'delete material': 6 },
  signing: common,
  mac: common,
}

/** Changes the keys of one estate as a person at the console and a program would, one after the other. */
export class KeyOwner extends Changer {
  readonly #world: World
  readonly #ctx: KmsContext
  readonly #estate: Estate
  readonly #load: Load
  readonly #log: ChangeLog
  readonly #random: Random
  readonly #states = new Map<string, KeyState>()
  /** Ids of grants by key and user. */
  readonly #grants = new Map<string, string>()
  #wanted: LoadedKey | null = null
  /** Whether it is known how things stand. */
  #looked = false

  /** @param ctx on connections that are never cut */
  constructor(world: World, ctx: KmsContext, estate: Estate, load: Load, log: ChangeLog, random: Random) {
    super()
    this.#world = world
    this.#ctx = ctx
    this.#estate = estate
    this.#load = load
    this.#log = log
    this.#random = random
  }

  /** The next thing to be disabled, if this key is one of the estate's. */
  wantDisabled(keyId: string): void {
    this.#wanted = this.#estate.keys.find(({ id }) => id === keyId) ?? this.#wanted
  }

  protected async change(): Promise<void> {
    if (!this.#looked) await this.#look()
    if (!this.#wanted) await pause(this.#random.integer(0, pauseMilliseconds))
    this.#looked = await this.#step()
  }

  /** Finds out how things stand. */
  async #look(): Promise<void> {
    const ids = this.#estate.keys.map(({ id }) => id)
    const { accountId } = this.#ctx
    const [keys, grants] = await inSystemTransaction(this.#world.db, 'administration', async (sql) => [
      await sql.key.findMany({ where: { accountId, id: { in: ids } } }),
      await sql.keyGrant.findMany({ where: { accountId, keyId: { in: ids } } }),
    ])
    for (const { id, state } of keys) this.#states.set(id, state as KeyState)
    this.#grants.clear()
    for (const { id, keyId, granteePrincipal } of grants) this.#grants.set(`${keyId} ${granteePrincipal}`, id)
  }

  /** @returns whether it is known how things stand */
  async #step(): Promise<boolean> {
    const wanted = this.#wanted
    this.#wanted = null
    if (wanted && this.#states.get(wanted.id) === '2') return this.#changeOne('disable', wanted)
    const off = this.#estate.keys.filter(({ id }) => this.#states.get(id) !== '2')
    // Keys are on for most of the time: what is never used is never in a cache.
    const key = this.#random.pick(off.length > 0 && this.#random.chance(0.6) ? off : this.#estate.keys)
    switch (this.#states.get(key.id)) {
      case '3':
        return this.#random.chance(0.5) ? this.#plan('enable', '3') : this.#changeOne('enable', key)
      case '4':
        return this.#changeOne('cancelDeletion', key)
      case '5':
        return this.#import(key)
      case '2':
        return this.#stepWithEnabled(key)
      default:
        throw new Error(`the key ${key.id} is gone`)
    }
  }

  async #stepWithEnabled(key: LoadedKey): Promise<boolean> {
    // So that every process has something to forget.
    this.#load.probe(key, 'under way')
    await pause(this.#random.integer(0, 60))
    this.#load.probe(key, 'under way')
    switch (this.#random.weighted(steps[key.kind])) {
      case 'plan':
        return this.#plan('disable', '2')
      case 'disable':
        return this.#changeOne('disable', key)
      case 'disable twice':
        return this.#disableTwice(key)
      case 'disable and delete':
        return this.#disableAndDelete(key)
      case 'delete':
        return this.#changeOne('scheduleDeletion', key)
      case 'delete material':
        return this.#deleteMaterial(key)
      case 'rotate':
        return this.#rotate(key)
      case 'move alias':
        return this.#moveAlias()
      case 'grant':
        return this.#grantOrRevoke(key)
    }
  }

  /** Turns keys on or off while they are called again and again, and once more as soon as it has returned. */
  async #turn(
    verb: string,
    to: 'on' | 'off',
    keys: readonly LoadedKey[],
    work: () => Promise<unknown>,
    already: readonly string[] = [],
  ): Promise<boolean> {
    const turns = keys.map((key) => ({ switch: keySwitch(key.id), to }))
    using _ = this.#load.keepProbing(keys)
    const done = await this.#log.turn(verb, turns, work, already)
    for (const key of keys) this.#load.probe(key, 'returned')
    return done
  }

  async #changeOne(operation: KeyOperation, key: LoadedKey): Promise<boolean> {
    const named = { projectId: this.#world.projectId, keyId: key.id }
    const input =
      operation === 'scheduleDeletion' ? { ...named, operation, pendingDays: 7 } : { ...named, operation }
    const done = await this.#turn(verbs[operation], turned[operation], [key], () =>
      changeKeyState(this.#ctx, input),
    )
    this.#settled(operation, [key], done)
    return done
  }

  /** Some of the keys in that state, reviewed and applied; returns when it holds everywhere. */
  async #plan(operation: 'enable' | 'disable', state: KeyState): Promise<boolean> {
    const chosen = this.#estate.keys.filter(({ id }) => this.#states.get(id) === state)
    const keys = this.#random.chance(0.5) ? chosen : [this.#random.pick(chosen)]
    const done = await this.#turn(`${verbs[operation]} by plan`, turned[operation], keys, () =>
      this.#applied(operation, keys),
    )
    this.#settled(operation, keys, done)
    return done
  }

  async #applied(operation: 'enable' | 'disable', keys: LoadedKey[]): Promise<void> {
    const { projectId } = this.#world
    const selection = { ids: keys.map(({ id }) => id) }
    const planned = await planChange(this.#ctx, { projectId, operation, selection })
    const changeId = planned.id
    const begun = performance.now()
    let view = await applyChange(this.#ctx, { changeId, understood: true })
    while (view.status !== 'done') {
      if (performance.now() - begun > confirmedWithin) throw new Error(`the change is still ${view.status}`)
      await pause(10)
      view = await readChange(this.#ctx, { changeId })
    }
    const undone = view.items.filter(({ outcome }) => outcome !== 'done')
    if (undone.length > 0) throw new Error(`an item of the change was ${undone[0]?.outcome}`)
  }

  /** Two programs disable the same key: the one that comes late is told so only once it holds everywhere. */
  async #disableTwice(key: LoadedKey): Promise<boolean> {
    const named = { projectId: this.#world.projectId, keyId: key.id }
    const disable = (): Promise<boolean> =>
      this.#turn(
        'disable',
        'off',
        [key],
        () => changeKeyState(this.#ctx, { ...named, operation: 'disable' }),
        ['keyNotEnabled'],
      )
    const first = disable()
    await pause(this.#random.integer(0, 200))
    const done = await disable()
    this.#settled('disable', [key], done && (await first))
    return done && (await first)
  }

  /** One person disables a key and another deletes it, before an instance has confirmed that it is disabled. */
  async #disableAndDelete(key: LoadedKey): Promise<boolean> {
    const named = { projectId: this.#world.projectId, keyId: key.id }
    const disabled = this.#turn(
      'disable',
      'off',
      [key],
      () => changeKeyState(this.#ctx, { ...named, operation: 'disable' }),
      ['keyNotEnabled'],
    )
    await pause(this.#random.integer(0, 200))
    const deleted = await this.#changeOne('scheduleDeletion', key)
    return (await disabled) && deleted
  }

  async #deleteMaterial(key: LoadedKey): Promise<boolean> {
    const named = { projectId: this.#world.projectId, keyId: key.id }
    const done = await this.#turn('delete material', 'off', [key], () => deleteMaterial(this.#ctx, named))
    if (done) this.#states.set(key.id, '5')
    return done
  }

  async #import(key: LoadedKey): Promise<boolean> {
    const { projectId } = this.#world
    const done = await this.#turn('import material', 'on', [key], () =>
      importAgain({ ctx: this.#ctx, projectId }, key),
    )
    if (done) this.#states.set(key.id, '2')
    return done
  }

  async #rotate(key: LoadedKey): Promise<boolean> {
    const named = { projectId: this.#world.projectId, keyId: key.id }
    const done = await this.#log.rotate(key.id, () => rotateKey(this.#ctx, named))
    this.#load.probe(key, 'returned')
    return done
  }

  async #moveAlias(): Promise<boolean> {
    const { alias, keys } = this.#estate
    const { projectId } = this.#world
    const free = keys.slice(0, 2).filter(({ id }) => this.#states.get(id) !== '4')
    const target = this.#random.pick(free)
    const input = { projectId, alias, targetKeyId: target.id }
    const done = await this.#log.move({ alias, keyId: target.id }, () => associateAlias(this.#ctx, input))
    this.#load.probeAlias(this.#estate)
    return done
  }

  async #grantOrRevoke(key: LoadedKey): Promise<boolean> {
    const caller = this.#random.pick(this.#world.callers.filter(({ policy }) => policy === null))
    const granteePrincipal = principalOf(caller.userId)
    const name = grantSwitch(key.id, caller.userId)
    const held = this.#grants.get(`${key.id} ${granteePrincipal}`)
    const named = { projectId: this.#world.projectId, keyId: key.id }
    const done = held
      ? await this.#log.turn('revoke grant', [{ switch: name, to: 'off' }], () =>
          revokeGrant(this.#ctx, { ...named, grantId: held }),
        )
      : await this.#log.turn('create grant', [{ switch: name, to: 'on' }], async () => {
          const id = await createGrant(this.#ctx, {
            ...named,
            granteePrincipal,
            granteeType: 'user',
            operations: ['encrypt-data', 'decrypt-data', 'create-datakey', 'decrypt-datakey'],
            name: '',
            retiringPrincipal: null,
          })
          this.#grants.set(`${key.id} ${granteePrincipal}`, id)
        })
    if (held && done) this.#grants.delete(`${key.id} ${granteePrincipal}`)
    this.#load.probeGrantee(caller, key)
    return done
  }

  #settled(operation: KeyOperation, keys: readonly LoadedKey[], done: boolean): void {
    if (done) for (const key of keys) this.#states.set(key.id, nextState[operation])
  }
}

const verbs: Record<KeyOperation, string> = {
  enable: 'enable',
  disable: 'disable',
  scheduleDeletion: 'schedule deletion',
  cancelDeletion: 'cancel deletion',
}

const nextState: Record<KeyOperation, KeyState> = {
  enable: '2',
  disable: '3',
  scheduleDeletion: '4',
  cancelDeletion: '3',
}

/** A key whose deletion was cancelled stays off: it is Disabled. */
const turned: Record<KeyOperation, 'on' | 'off'> = {
  enable: 'on',
  disable: 'off',
  scheduleDeletion: 'off',
  cancelDeletion: 'off',
}
