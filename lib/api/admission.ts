import type { Operation } from './operation.ts'
import { Persistence } from './persistence.ts'
import { afterTurn } from './turn.ts'

/** A clock that never steps back, and what tells that the event loop has done with what was ready; tests give their own. */
export type LoopClock = {
  /** Milliseconds. */
  now: () => number
  /** Calls back once everything that was ready when the loop last asked the kernel has been handled. */
  afterTurn: (callback: () => void) => void
}

const realClock: LoopClock = {
  now: () => performance.now(),
  afterTurn,
}

/**
 * A turn that takes longer is too long: who arrives in one waits for what is left of it and for what comes before them in
 * the next. At half load a turn takes a tenth of it; five times the latency there is about two turns.
 */
const turnMillisecondsMax = 3

/**
 * A turn with no more requests than this is never too long, and so many are let in in any turn: with no more callers at
 * once nobody is turned away, also where something else takes the processor. Letting in fewer would hardly shorten a turn
 * that refusals fill.
 */
const requestsPerTurnMin = 32

/** At half load the turn after a long one takes half as long. One that takes more than this part of it is long again. */
const shrinking = 0.75

/** Calls that have begun and wait (for the database, for a worker thread) are as many as are done in this time. */
const waitMillisecondsMax = 10

/** So many may wait at any pace: as many as a caller begins at once without meaning harm. */
const callsWaitingMin = 32

/** Changes are turned away only when so many are under way: half a second's work of a pool. */
const changesMax = 256

/** How long a pace is measured. */
const paceMilliseconds = 100

/**
 * Turns requests away early when there is more to do than can be done, so that those let in are answered as quickly as
 * ever and the others know at once.
 *
 * The crypto of a cached key is done where it is asked for, so nothing waits inside the process: requests wait in the
 * buffers of their connections, unseen, and all that shows of them is that the event loop, each time it asks the kernel
 * what is ready, gets more to do than the time before. So the length of a turn of the loop is what is watched
 * (`turnMillisecondsMax`). When turns stay too long, only so many requests are let in in each, the oldest that wait; the
 * number shrinks while turns are too long and grows while they are not. What does wait inside, for the database or a
 * worker thread, is counted for each operation against what is done in `waitMillisecondsMax` (Little's law).
 *
 * As in CoDel (RFC 8289) one long moment is nothing: a pause or a burst makes one long turn and then shorter ones. Only
 * when too much has lasted is anyone turned away, and then until nobody had to be for a tenth of a second.
 *
 * What changes something (a Disable) is never turned away for the load that uses of keys make: only for too many changes.
 */
export class Admission {
  readonly #clock: LoopClock
  readonly #operations = new Map<string, Counted>()
  readonly #long = new Persistence()
  /** Requests that are let in in a turn once turns stay too long. */
  #share = requestsPerTurnMin
  /** Requests in this turn so far. */
  #inTurn = 0
  #turnBegan = 0
  #lastTurn = 0
  #changes = 0
  #shed = 0

  /** @param clock tests only: another than that of this process */
  constructor(clock: LoopClock = realClock) {
    this.#clock = clock
  }

  /** How many requests were turned away since the start. */
  get statistics(): { shed: number } {
    return { shed: this.#shed }
  }

  /**
   * Whether a request for this operation is to be let in.
   *
   * For what changes nothing, ask as soon as it is known what is wanted, before the body is read; it is counted only once
   * `begun`. A change that is let in counts from here until `ended`, so that no number of them that are read in one turn
   * are let in together. Ask for one when it has been read in full: else whoever sends slowly, or nothing more, would
   * take the place of those who are ready, without having to prove who they are.
   */
  admits({ id, writes }: Pick<Operation, 'id' | 'writes'>): boolean {
    const now = this.#clock.now()
    this.#countInTurn(now)
    const admitted = writes ? this.#changes < changesMax : this.#inTime(now) && this.#counted(id).admits(now)
    if (!admitted) this.#shed++
    else if (writes) this.#changes++
    return admitted
  }

  /** A call that was let in begins to be worked on; `ended` must follow. Changes nothing for a change, which counts already. */
  begun({ id, writes }: Pick<Operation, 'id' | 'writes'>): void {
    if (!writes) this.#counted(id).begun()
  }

  /** A call that had begun is no longer worked on; told once for each. */
  ended({ id, writes }: Pick<Operation, 'id' | 'writes'>): void {
    if (writes) this.#changes--
    else this.#counted(id).ended()
  }

  #counted(id: string): Counted {
    let counted = this.#operations.get(id)
    if (!counted) {
      counted = new Counted()
      this.#operations.set(id, counted)
    }
    return counted
  }

  #countInTurn(now: number): void {
    if (this.#inTurn++ > 0) return
    this.#turnBegan = now
    this.#clock.afterTurn(this.#endTurn)
  }

  #inTime(now: number): boolean {
    if (this.#inTurn <= this.#share || !this.#long.isActing(now)) return true
    this.#long.act(now)
    return false
  }

  readonly #endTurn = (): void => {
    const now = this.#clock.now()
    const turn = now - this.#turnBegan
    const tooLong = turn > turnMillisecondsMax && this.#inTurn > requestsPerTurnMin
    // A turn that is much shorter than the one before is the end of a pause or a burst.
    if (tooLong && turn >= this.#lastTurn * shrinking) this.#long.exceeded(now)
    else this.#long.recovered()
    this.#share = tooLong ? Math.max(requestsPerTurnMin, this.#share * 0.8) : this.#share + 1
    if (!this.#long.isActing(now)) {
      this.#share = requestsPerTurnMin
      if (this.#long.hasLasted(now)) this.#long.act(now)
    }
    this.#lastTurn = turn
    this.#inTurn = 0
  }
}

/** Calls of one operation that are under way, and at which pace they end. */
class Counted {
  readonly #many = new Persistence()
  #inFlight = 0
  #ended = 0
  #since = 0
  #max = callsWaitingMin

  admits(now: number): boolean {
    const elapsed = now - this.#since
    if (elapsed >= paceMilliseconds) {
      this.#max = Math.max(callsWaitingMin, (this.#ended / elapsed) * waitMillisecondsMax)
      this.#since = now
      this.#ended = 0
    }
    if (this.#inFlight < this.#max) {
      this.#many.recovered()
      return true
    }
    this.#many.exceeded(now)
    if (!this.#many.isActing(now) && !this.#many.hasLasted(now)) return true
    this.#many.act(now)
    return false
  }

  begun(): void {
    this.#inFlight++
  }

  ended(): void {
    this.#inFlight--
    this.#ended++
  }
}
