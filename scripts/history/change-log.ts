import { KmsError } from '#lib/kms/model/errors.ts'
import { type AliasMove, type History, monotonicNow, type Rotation, type Switch } from './history.ts'

type Open = { begin: number; end: number; outcome: 'under way' | 'returned' | 'failed' }

/** A Disable that returned: of one key, or of all keys of a plan. */
type ReturnedDisable = { begin: number; end: number; keys: number }

/** Writes down each change with the moments of its begin and return. */
export class ChangeLog {
  readonly #history: History
  /** How often each verb returned, and failed with which words. */
  readonly returned = new Map<string, number>()
  readonly failed = new Map<string, number>()
  /** Without those that were told that it was so already. */
  readonly disables: ReturnedDisable[] = []

  constructor(history: History) {
    this.#history = history
  }

  /**
   * A change that turns switches on or off.
   *
   * @param already codes of refusals that mean the same: it was so before
   * @returns whether it was acknowledged
   */
  async turn(
    verb: string,
    turns: readonly { switch: Switch; to: 'on' | 'off' }[],
    work: () => Promise<unknown>,
    already: readonly string[] = [],
  ): Promise<boolean> {
    const begin = monotonicNow()
    const changes = turns.map((turn) => this.#history.addSwitchChange({ ...turn, ...underWay(verb, begin) }))
    return this.#finish(verb, changes, work, already)
  }

  async move(move: Pick<AliasMove, 'alias' | 'keyId'>, work: () => Promise<unknown>): Promise<boolean> {
    const verb = 'move alias'
    const change = this.#history.addAliasMove({ ...move, ...underWay(verb, monotonicNow()) })
    return this.#finish(verb, [change], work)
  }

  async rotate(keyId: string, work: () => Promise<{ version: number }>): Promise<boolean> {
    const verb = 'rotate'
    const change: Rotation = this.#history.addRotation({
      keyId,
      version: null,
      ...underWay(verb, monotonicNow()),
    })
    return this.#finish(verb, [change], async () => {
      change.version = (await work()).version
    })
  }

  /** Something new whose name nobody knew before it was there. */
  made(verb: string, name: Switch): void {
    const at = monotonicNow()
    this.#history.addSwitchChange({ switch: name, to: 'on', verb, begin: at, end: at, outcome: 'returned' })
    count(this.returned, verb)
  }

  async #finish(
    verb: string,
    changes: readonly Open[],
    work: () => Promise<unknown>,
    already: readonly string[] = [],
  ): Promise<boolean> {
    const settle = (outcome: Open['outcome']): void => {
      const end = monotonicNow()
      for (const change of changes) Object.assign(change, { end, outcome })
    }
    try {
      await work()
      settle('returned')
      count(this.returned, verb)
      this.#noteDisable(verb, changes)
      return true
    } catch (error) {
      if (error instanceof KmsError && already.includes(error.code)) {
        settle('returned')
        count(this.returned, `${verb}, already so`)
        return true
      }
      settle('failed')
      count(this.failed, `${verb}: ${error instanceof KmsError ? error.code : String(error).slice(0, 200)}`)
      return false
    }
  }

  #noteDisable(verb: string, changes: readonly Open[]): void {
    const [first] = changes
    if (!first || !verb.startsWith('disable')) return
    this.disables.push({ begin: first.begin, end: first.end, keys: changes.length })
  }
}

const underWay = (verb: string, begin: number) =>
  ({ verb, begin, end: Number.POSITIVE_INFINITY, outcome: 'under way' }) as const

export const count = (counts: Map<string, number>, name: string, by = 1): void => {
  counts.set(name, (counts.get(name) ?? 0) + by)
}
