import { setTimeout as pause } from 'node:timers/promises'
import { changeRoles } from '#lib/kms/access/change-roles.ts'
import { deleteAccessKey } from '#lib/kms/access/delete-access-key.ts'
import { resumeUser } from '#lib/kms/access/resume-user.ts'
import { suspendUser } from '#lib/kms/access/suspend-user.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { limits } from '#lib/kms/model/limits.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import type { ChangeLog } from './change-log.ts'
import { Changer } from './changer.ts'
import type { Switch } from './history.ts'
import type { Load } from './load.ts'
import type { Random } from './random.ts'
import { addAccessKey, addToken, type Caller, type CallersCredential, type World } from './world.ts'

/** Longest pause between two changes, in milliseconds. */
const pauseMilliseconds = 2_000

/** Of the credentials that ended the last ones are still tried. */
const credentialsKept = 5

type Standing = { active: boolean; hasRole: boolean; accessKeys: string[] }

/** Suspends and resumes one user, takes the role away and gives it back, and changes its credentials. */
export class UserKeeper extends Changer {
  readonly #world: World
  readonly #ctx: KmsContext
  readonly #caller: Caller
  readonly #load: Load
  readonly #log: ChangeLog
  readonly #random: Random
  /** Every token there ever was: a burst of calls goes on with one that is not picked any more. */
  readonly #tokens: Switch[]

  constructor(world: World, ctx: KmsContext, caller: Caller, load: Load, log: ChangeLog, random: Random) {
    super()
    this.#world = world
    this.#ctx = ctx
    this.#caller = caller
    this.#load = load
    this.#log = log
    this.#random = random
    this.#tokens = caller.credentials.filter(isToken).map((token) => token.switch)
  }

  protected async change(): Promise<void> {
    await pause(this.#random.integer(0, pauseMilliseconds))
    await this.#step(await this.#look())
    this.#load.probeCaller(this.#caller)
  }

  async #look(): Promise<Standing> {
    const { accountId } = this.#ctx
    const { userId } = this.#caller
    return inSystemTransaction(this.#world.db, 'administration', async (sql) => {
      const user = await sql.user.findUniqueOrThrow({ where: { accountId_id: { accountId, id: userId } } })
      const roles = await sql.roleAssignment.count({ where: { accountId, userId } })
      const accessKeys = await sql.accessKey.findMany({ where: { accountId, userId } })
      return {
        active: user.status === 'active',
        hasRole: roles > 0,
        accessKeys: accessKeys.map(({ id }) => id),
      }
    })
  }

  async #step({ active, hasRole, accessKeys }: Standing): Promise<void> {
    const { userId, policy } = this.#caller
    if (!active)
      return this.#turn('resume user', this.#caller.switch, 'on', () => resumeUser(this.#ctx, { userId }))
    if (policy && !hasRole) return this.#setRole(policy, true)
    const step = this.#random.weighted({
      suspend: 3,
      role: policy ? 2 : 0,
      'delete access key': accessKeys.length > 0 ? 3 : 0,
      'make access key': accessKeys.length < limits.accessKeysPerUserMax ? 4 : 0,
      token: 3,
    })
    switch (step) {
      case 'suspend':
        return this.#turn('suspend user', this.#caller.switch, 'off', () =>
          suspendUser(this.#ctx, { userId }),
        )
      case 'role':
        return this.#setRole(policy ?? '', false)
      case 'delete access key':
        return this.#deleteAccessKey(this.#random.pick(accessKeys))
      case 'make access key':
        return this.#add('make access key', () => addAccessKey({ ctx: this.#ctx }, userId))
      case 'token':
        return this.#add('make token', () =>
          addToken({ ctx: this.#ctx, projectId: this.#world.projectId }, userId),
        )
    }
  }

  async #setRole(policy: Switch, on: boolean): Promise<void> {
    const { userId } = this.#caller
    const roles = on ? [{ role: 'KMS CMKFullAccess' as const, projectId: null }] : []
    await this.#turn(on ? 'give role' : 'take role', policy, on ? 'on' : 'off', () =>
      changeRoles(this.#ctx, { userId, roles }),
    )
  }

  /** Every change of the user but resuming ends the tokens. */
  async #turn(verb: string, name: Switch, to: 'on' | 'off', work: () => Promise<unknown>): Promise<void> {
    const ended = verb === 'resume user' ? [] : this.#tokens
    await this.#log.turn(
      verb,
      [{ switch: name, to }, ...ended.map((token) => ({ switch: token, to: 'off' }) as const)],
      work,
    )
  }

  async #deleteAccessKey(id: string): Promise<void> {
    const { userId, credentials } = this.#caller
    const name = `access-key ${id}`
    await this.#log.turn('delete access key', [{ switch: name, to: 'off' }], () =>
      deleteAccessKey(this.#ctx, { userId, accessKeyId: id }),
    )
    const ended = credentials.find((one) => one.switch === name)
    if (ended) this.#load.probeCaller(this.#caller, ended)
  }

  async #add(verb: string, make: () => Promise<CallersCredential>): Promise<void> {
    const made = await make().catch(() => null)
    if (!made) return
    this.#log.made(verb, made.switch)
    if (isToken(made)) this.#tokens.push(made.switch)
    const { credentials } = this.#caller
    credentials.push(made)
    if (credentials.length > credentialsKept) credentials.shift()
    this.#load.probeCaller(this.#caller, made)
  }
}

const isToken = ({ credential }: CallersCredential): boolean => 'token' in credential
