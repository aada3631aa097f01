import { count } from './change-log.ts'
import type { Call, History } from './history.ts'
import { judge, keySwitch, type Violation } from './judge.ts'

/** Judges each call as it ends and counts what was seen. */
export class Tally {
  readonly #history: History
  readonly #onViolation: () => void
  readonly violations: Violation[] = []
  /** Calls by what became of them. */
  readonly outcomes = new Map<string, number>()
  readonly operations = new Map<string, number>()
  /** Successes with a key between the return of an Enable and the begin of the next Disable. */
  successesBetween = 0
  cachedSuccesses = 0
  calls = 0

  constructor(history: History, onViolation: () => void) {
    this.#history = history
    this.#onViolation = onViolation
  }

  add(call: Call): void {
    this.calls++
    count(this.operations, call.operation)
    const { answer } = call
    if (answer.kind === 'refused') count(this.outcomes, `refused: ${answer.status} ${answer.code}`)
    if (answer.kind === 'unanswered') count(this.outcomes, `unanswered: ${answer.reason}`)
    if (answer.kind === 'unexpected') count(this.outcomes, `unexpected: ${answer.reason}`)
    if (answer.kind === 'success') {
      const cached = answer.secondCheck !== null
      count(this.outcomes, cached ? 'success from the cache' : 'success from the database')
      if (cached) this.cachedSuccesses++
      const since = this.#history.timeline(keySwitch(answer.keyId)).surely('on', call.begin, call.end)
      if (since?.verb.startsWith('enable')) this.successesBetween++
    }
    const found = judge(this.#history, call)
    if (found.length === 0) return
    this.violations.push(...found)
    this.#onViolation()
  }
}
