import type { AliasMove, Call, History, Rotation, Switch, SwitchChange } from './history.ts'

/** What must never be seen, in the words of the promise. */
export const rules = {
  'success after off': 'began after it was turned off, ended before it was turned on, and succeeded',
  'check after off': 'passed its second check after it had been turned off',
  'refusal while on':
    'began after all it needs was turned on, ended before any was turned off, and was refused',
  'old material': 'sealed with material that had been rotated away before it began',
  'old alias': 'used a key that the alias had left before it began',
  'unexpected answer': 'was answered with an error that nobody foresaw, whatever had befallen the process',
} as const

export type Rule = keyof typeof rules

/** The rules that an endpoint breaks when it goes on using what it may not. */
export const forbiddenSuccesses: readonly Rule[] = [
  'success after off',
  'check after off',
  'old material',
  'old alias',
]

export type Violation = { rule: Rule; call: Call; because: (SwitchChange | Rotation | AliasMove)[] }

/**
 * Which rules a call broke. It may be judged as soon as it has ended: changes that begin or return later cannot excuse
 * or convict it.
 */
export function judge(history: History, call: Call): Violation[] {
  const violation = (rule: Rule, ...because: Violation['because']): Violation => ({ rule, call, because })
  if (call.answer.kind === 'refused') {
    const because = surelyOn(history, call)
    return because ? [violation('refusal while on', ...because)] : []
  }
  if (call.answer.kind === 'unexpected') return [violation('unexpected answer')]
  if (call.answer.kind === 'unanswered') return []
  const { keyId, version, secondCheck } = call.answer
  const violations: Violation[] = []
  for (const needed of [...call.needs, keySwitch(keyId)]) {
    const timeline = history.timeline(needed)
    const off = timeline.surely('off', call.begin, call.end)
    if (off) violations.push(violation('success after off', off))
    const checked = secondCheck === null ? null : timeline.surely('off', secondCheck, secondCheck)
    if (checked && !off) violations.push(violation('check after off', checked))
  }
  // An answer from the cache must hold at its second check, any other since the request was read.
  const valid = Math.max(call.begin, secondCheck ?? 0)
  const rotated = newestRotation(history, keyId, valid)
  if (version !== null && rotated?.version && version < rotated.version)
    violations.push(violation('old material', rotated))
  if ('alias' in call.named) {
    const bound = boundKeys(history, call.named.alias, valid, call.end)
    if (!bound.has(keyId)) violations.push(violation('old alias', ...bound.values()))
  }
  return violations
}

export const keySwitch = (keyId: string): Switch => `key ${keyId}`

/** The changes after which all that a call needs was on while it ran; null: something may have been off. */
function surelyOn(history: History, call: Call): SwitchChange[] | null {
  const keyIds =
    'alias' in call.named
      ? [...boundKeys(history, call.named.alias, call.begin, call.end).keys()]
      : [call.named.keyId]
  if (keyIds.length === 0) return null
  const because: SwitchChange[] = []
  for (const needed of [...call.needs, ...keyIds.map(keySwitch)]) {
    const on = history.timeline(needed).surely('on', call.begin, call.end)
    if (!on) return null
    because.push(on)
  }
  return because
}

function newestRotation(history: History, keyId: string, by: number): Rotation | null {
  let newest: Rotation | null = null
  for (const rotation of history.rotations.get(keyId) ?? []) {
    if (rotation.outcome !== 'returned' || rotation.end > by) continue
    if ((rotation.version ?? 0) > (newest?.version ?? 0)) newest = rotation
  }
  return newest
}

/** The keys that an alias may have named at some moment from `from` until `until`, each with the move to it. */
function boundKeys(history: History, alias: string, from: number, until: number): Map<string, AliasMove> {
  const moves = history.aliasMoves.get(alias) ?? []
  const bound = new Map<string, AliasMove>()
  for (const move of moves) {
    const left = moves.some(
      (next) => next.outcome === 'returned' && next.begin >= move.end && next.end <= from && next !== move,
    )
    if (!left && move.begin < until) bound.set(move.keyId, move)
  }
  return bound
}
