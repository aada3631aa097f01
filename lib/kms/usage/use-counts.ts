import type { KmsContext } from '../context.ts'
import { keyUses } from '../model/key-use.ts'
import { dayMilliseconds } from '../model/limits.ts'
import type { UseOfKey } from './record-use.ts'

/** Uses of a key on one day (UTC) by one operation. */
export type DayCount = { keyId: string; day: string; operation: string; calls: number; refused: number }

/** Refusals of one caller: the same key, operation and reason. */
export type RefusalCount = {
  keyId: string
  actorId: string
  actorName: string
  operation: string
  code: string
  calls: number
  sourceAddress: string | null
  firstAt: Date
  lastAt: Date
}

/** What is added to the tables of one account. */
export type AccountCounts = {
  days: DayCount[]
  /** The last use of each key that was done. */
  lastUses: Map<string, Date>
  refusals: RefusalCount[]
}

/** What was counted of one key. */
type Key = {
  /** The step in which it was first counted since it was last taken out. */
  step: number
  /** Few: one for each day and operation. */
  days: DayCount[]
  lastUse: Date | null
  /** By caller, operation and reason. */
  refusals: Map<string, RefusalCount>
}

/** The keys of an account, those first whose counters have waited longest. */
type Account = Map<string, Key>

/** Counters are taken out after so many steps at the latest. */
export const stepsMax = 10

/** Counters of so few keys wait for their last step; of more a part goes at every step, so that no step is a long one. */
const togetherMax = 100

/** Different counters that are held at most; uses that would need one more are not counted. */
const countersMax = 100_000

/** Counters of the uses since they were last written, in memory. */
export class UseCounts {
  readonly #accounts = new Map<string, Account>()
  #counters = 0
  #step = 0
  #day = { number: Number.NaN, text: '' }

  /** Counts one use of a known key. */
  add(ctx: KmsContext, { use, accountId, key, refused }: UseOfKey, at: Date): void {
    if (!key) return
    const account = this.#account(accountId)
    const counted = this.#keyOf(account, key.id)
    const operation = keyUses[use].event
    const count = this.#dayCount(counted, key.id, this.#dayOf(at), operation)
    if (!refused) {
      if (count) count.calls++
      noteLater(counted, at)
      return
    }
    if (count) count.refused++
    const { actor } = ctx
    const refusal = this.#refusal(counted, `${actor.id} ${operation} ${refused}`, () => ({
      keyId: key.id,
      actorId: actor.id,
      actorName: actor.name,
      operation,
      code: refused,
      calls: 0,
      sourceAddress: null,
      firstAt: at,
      lastAt: at,
    }))
    if (!refusal) return
    refusal.calls++
    refusal.actorName = actor.name
    refusal.sourceAddress = ctx.sourceAddress
    refusal.lastAt = at
  }

  /** Whether nothing is held. */
  get empty(): boolean {
    return this.#accounts.size === 0
  }

  /** Takes everything out: the counters begin anew. */
  takeAll(): Map<string, AccountCounts> {
    return this.#take((keys) => keys.size)
  }

  /** Ends a step and takes out what has waited long enough. */
  takeDue(): Map<string, AccountCounts> {
    this.#step++
    const due = this.#step - (stepsMax - 1)
    return this.#take((keys) => {
      const share = keys.size > togetherMax ? Math.ceil(keys.size / (stepsMax - 1)) : 0
      let count = 0
      for (const { step } of keys.values()) {
        if (step > due && count >= share) break
        count++
      }
      return count
    })
  }

  /** Puts back what could not be written, beside what was counted meanwhile. */
  giveBack(accountId: string, counts: AccountCounts): void {
    const account = this.#account(accountId)
    for (const { keyId, day, operation, calls, refused } of counts.days) {
      const into = this.#dayCount(this.#keyOf(account, keyId), keyId, day, operation)
      if (!into) continue
      into.calls += calls
      into.refused += refused
    }
    for (const [keyId, at] of counts.lastUses) noteLater(this.#keyOf(account, keyId), at)
    for (const count of counts.refusals) {
      const id = `${count.actorId} ${count.operation} ${count.code}`
      const into = this.#refusal(this.#keyOf(account, count.keyId), id, () => ({ ...count, calls: 0 }))
      if (!into) continue
      into.calls += count.calls
      into.firstAt = count.firstAt
    }
  }

  /** @param countOf how many keys of an account go, the first ones */
  #take(countOf: (keys: Account) => number): Map<string, AccountCounts> {
    const taken = new Map<string, AccountCounts>()
    for (const [accountId, account] of this.#accounts) {
      const keys = [...account].slice(0, countOf(account))
      if (keys.length === 0) continue
      const counts: AccountCounts = { days: [], lastUses: new Map(), refusals: [] }
      for (const [keyId, { days, lastUse, refusals }] of keys) {
        counts.days.push(...days)
        if (lastUse) counts.lastUses.set(keyId, lastUse)
        counts.refusals.push(...refusals.values())
        this.#counters -= days.length + refusals.size
        account.delete(keyId)
      }
      if (account.size === 0) this.#accounts.delete(accountId)
      taken.set(accountId, counts)
    }
    return taken
  }

  #account(accountId: string): Account {
    let account = this.#accounts.get(accountId)
    if (!account) {
      account = new Map()
      this.#accounts.set(accountId, account)
    }
    return account
  }

  #dayCount({ days }: Key, keyId: string, day: string, operation: string): DayCount | null {
    const known = days.find((count) => count.operation === operation && count.day === day)
    if (known || !this.#another()) return known ?? null
    const fresh = { keyId, day, operation, calls: 0, refused: 0 }
    days.push(fresh)
    return fresh
  }

  #keyOf(account: Account, keyId: string): Key {
    let key = account.get(keyId)
    if (!key) {
      key = { step: this.#step, days: [], lastUse: null, refusals: new Map() }
      account.set(keyId, key)
    }
    return key
  }

  #refusal({ refusals }: Key, id: string, begin: () => RefusalCount): RefusalCount | null {
    const known = refusals.get(id)
    if (known || !this.#another()) return known ?? null
    const fresh = begin()
    refusals.set(id, fresh)
    return fresh
  }

  /** Whether there is room for one more counter. */
  #another(): boolean {
    if (this.#counters >= countersMax) return false
    this.#counters++
    return true
  }

  /** The day (UTC) of a moment; it is written out once a day. */
  #dayOf(at: Date): string {
    const number = Math.floor(at.getTime() / dayMilliseconds)
    if (number !== this.#day.number) this.#day = { number, text: at.toISOString().slice(0, 10) }
    return this.#day.text
  }
}

/** A clock that is set back does not make a last use earlier. */
function noteLater(key: Key, at: Date): void {
  if (!key.lastUse || key.lastUse < at) key.lastUse = at
}
