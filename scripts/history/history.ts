import { Timeline } from './timeline.ts'

/** Nanoseconds of CLOCK_MONOTONIC, which is one clock for all processes of a machine. */
export const monotonicNow = (): number => Number(process.hrtime.bigint())

/**
 * Something a call needs, which is on or off: `key <id>`, `user <id>`, `policy <user>`, `access-key <id>`,
 * `token <number>`, `grant <key> <user>`.
 */
export type Switch = string

/** A change under way, returned, or failed so that it may or may not have been made. */
type Interval = {
  /** What it was, for people. */
  verb: string
  begin: number
  /** Infinity while it is under way. */
  end: number
  outcome: 'under way' | 'returned' | 'failed'
}

/** A change that turns a switch on or off. */
export type SwitchChange = Interval & { switch: Switch; to: 'on' | 'off' }

/** A change that binds an alias to a key. */
export type AliasMove = Interval & { alias: string; keyId: string }

/** A rotation; the version is known once it has returned. */
export type Rotation = Interval & { keyId: string; version: number | null }

export type Answer =
  | {
      kind: 'success'
      keyId: string
      /** Of what was sealed; null for other calls. */
      version: number | null
      /** The moment before the second check of an answer from the cache; null for an answer from the database. */
      secondCheck: number | null
    }
  /** For a reason that lies in the call or in the state of what it needs. */
  | { kind: 'refused'; status: number; code: string }
  /** Busy, not reached, cut off: says nothing about any state. */
  | { kind: 'unanswered'; reason: string }
  /** A mistake of the endpoint: it is to be busy when the database is out of reach. */
  | { kind: 'unexpected'; reason: string }

/** One call of the endpoint. */
export type Call = {
  number: number
  /** The process that was called. */
  process: string
  operation: string
  /** All that must be on, besides the key. */
  needs: Switch[]
  named: { keyId: string } | { alias: string }
  begin: number
  end: number
  answer: Answer
}

/** The changes of a run. Calls are judged as they end, and kept only if they are wrong. */
export class History {
  readonly #timelines = new Map<Switch, Timeline>()
  readonly aliasMoves = new Map<string, AliasMove[]>()
  readonly rotations = new Map<string, Rotation[]>()

  timeline(name: Switch): Timeline {
    const known = this.#timelines.get(name) ?? new Timeline()
    this.#timelines.set(name, known)
    return known
  }

  addSwitchChange(change: SwitchChange): SwitchChange {
    this.timeline(change.switch).add(change)
    return change
  }

  addAliasMove(move: AliasMove): AliasMove {
    this.aliasMoves.set(move.alias, [...(this.aliasMoves.get(move.alias) ?? []), move])
    return move
  }

  addRotation(rotation: Rotation): Rotation {
    this.rotations.set(rotation.keyId, [...(this.rotations.get(rotation.keyId) ?? []), rotation])
    return rotation
  }
}
