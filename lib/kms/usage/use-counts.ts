import type { KmsContext } from '../context.ts'
import { keyUses } from '../model/key-use.ts'
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

type Account = {
  days: Map<string, DayCount>
  lastUses: Map<string, Date>
  refusals: Map<string, RefusalCount>
}

/** Different counters that are held at most; uses that would need one more are not counted. */
const countersMax = 100_000

/** Counters of the uses since they were last written, in memory. */
export class UseCounts {
  readonly #accounts = new Map<string, Account>()
  #counters = 0

  /** Counts one use of a known key. */
  add(ctx: KmsContext, { use, accountId, key, refused }: UseOfKey, at: Date): void {
    if (!key) return
    const account = this.#account(accountId)
    const operation = keyUses[use].event
    const day = at.toISOString().slice(0, 10)
    const count = this.#counter(account.days, `${key.id} ${day} ${operation}`, () => ({
      keyId: key.id,
      day,
      operation,
      calls: 0,
      refused: 0,
    }))
    if (!refused) {
      if (count) count.calls++
      noteLater(account.lastUses, key.id, at)
      return
    }
    if (count) count.refused++
    const { actor } = ctx
    const refusal = this.#counter(account.refusals, `${key.id} ${actor.id} ${operation} ${refused}`, () => ({
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
    for (const [accountId, { days, lastUses, refusals }] of this.#accounts) {
      taken.set(accountId, { days: [...days.values()], lastUses, refusals: [...refusals.values()] })
    }
    this.#accounts.clear()
    this.#counters = 0
    return taken
  }

  /** Puts back what could not be written, beside what was counted meanwhile. */
  giveBack(accountId: string, counts: AccountCounts): void {
    const account = this.#account(accountId)
    for (const count of counts.days) {
      const id = `${count.keyId} ${count.day} ${count.operation}`
      const into = this.#counter(account.days, id, () => ({ ...count, calls: 0, refused: 0 }))
      if (!into) continue
      into.calls += count.calls
      into.refused += count.refused
    }
    for (const [keyId, at] of counts.lastUses) noteLater(account.lastUses, keyId, at)
    for (const count of counts.refusals) {
      const id = `${count.keyId} ${count.actorId} ${count.operation} ${count.code}`
      const into = this.#counter(account.refusals, id, () => ({ ...count, calls: 0 }))
      if (!into) continue
      into.calls += count.calls
      into.firstAt = count.firstAt
    }
  }

  #account(accountId: string): Account {
    let account = this.#accounts.get(accountId)
    if (!account) {
      account = { days: new Map(), lastUses: new Map(), refusals: new Map() }
      this.#accounts.set(accountId, account)
    }
    return account
  }

  #counter<T>(counters: Map<string, T>, id: string, begin: () => T): T | null {
    const known = counters.get(id)
    if (known) return known
    if (this.#counters >= countersMax) return null
    this.#counters++
    const fresh = begin()
    counters.set(id, fresh)
    return fresh
  }
}

/** A clock that is set back does not make a last use earlier. */
function noteLater(moments: Map<string, Date>, id: string, at: Date): void {
  const known = moments.get(id)
  if (!known || known < at) moments.set(id, at)
}
