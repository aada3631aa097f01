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
  /** Few: one for each day and operation. */
  days: DayCount[]
  lastUse: Date | null
}

type Account = { keys: Map<string, Key>; refusals: Map<string, RefusalCount> }

/** Different counters that are held at most; uses that would need one more are not counted. */
const countersMax = 100_000

/** Counters of the uses since they were last written, in memory. */
export class UseCounts {
  readonly #accounts = new Map<string, Account>()
  #counters = 0
  #day = { number: Number.NaN, text: '' }

  /** Counts one use of a known key. */
  add(ctx: KmsContext, { use, accountId, key, refused }: UseOfKey, at: Date): void {
    if (!key) return
    const account = this.#account(accountId)
    const counted = keyOf(account, key.id)
    const operation = keyUses[use].event
    const count = this.#dayCount(counted, key.id, this.#dayOf(at), operation)
    if (!refused) {
      if (count) count.calls++
      noteLater(counted, at)
      return
    }
    if (count) count.refused++
    const { actor } = ctx
    const refusal = this.#refusal(account, `${key.id} ${actor.id} ${operation} ${refused}`, () => ({
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

  /** Takes everything out: the counters begin anew. */
  take(): Map<string, AccountCounts> {
    const taken = new Map<string, AccountCounts>()
    for (const [accountId, { keys, refusals }] of this.#accounts) {
      const lastUses = new Map<string, Date>()
      for (const [keyId, { lastUse }] of keys) if (lastUse) lastUses.set(keyId, lastUse)
      const days = [...keys.values()].flatMap((key) => key.days)
      taken.set(accountId, { days, lastUses, refusals: [...refusals.values()] })
    }
    this.#accounts.clear()
    this.#counters = 0
    return taken
  }

  /** Puts back what could not be written, beside what was counted meanwhile. */
  giveBack(accountId: string, counts: AccountCounts): void {
    const account = this.#account(accountId)
    for (const { keyId, day, operation, calls, refused } of counts.days) {
      const into = this.#dayCount(keyOf(account, keyId), keyId, day, operation)
      if (!into) continue
      into.calls += calls
      into.refused += refused
    }
    for (const [keyId, at] of counts.lastUses) noteLater(keyOf(account, keyId), at)
    for (const count of counts.refusals) {
      const id = `${count.keyId} ${count.actorId} ${count.operation} ${count.code}`
      const into = this.#refusal(account, id, () => ({ ...count, calls: 0 }))
      if (!into) continue
      into.calls += count.calls
      into.firstAt = count.firstAt
    }
  }

  #account(accountId: string): Account {
    let account = this.#accounts.get(accountId)
    if (!account) {
      account = { keys: new Map(), refusals: new Map() }
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

  #refusal(account: Account, id: string, begin: () => RefusalCount): RefusalCount | null {
    const known = account.refusals.get(id)
    if (known || !this.#another()) return known ?? null
    const fresh = begin()
    account.refusals.set(id, fresh)
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

function keyOf({ keys }: Account, keyId: string): Key {
  let key = keys.get(keyId)
  if (!key) {
    key = { days: [], lastUse: null }
    keys.set(keyId, key)
  }
  return key
}

/** A clock that is set back does not make a last use earlier. */
function noteLater(key: Key, at: Date): void {
  if (!key.lastUse || key.lastUse < at) key.lastUse = at
}
