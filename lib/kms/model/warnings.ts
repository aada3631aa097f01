import type { KeyOperation } from './key-state.ts'

const times = (calls: string): string =>
  calls === '1' ? 'once' : `${Number(calls).toLocaleString('en-US')} times`

/**
 * What the review says about a key beyond its next state. A warning is stored as its code, with parameters after colons:
 * `calledRecently:42`.
 */
const warnings = {
  enabledNow: () => 'Enabled now: every call that uses it fails from the moment you confirm.',
  becomesDisabled: () => 'Comes back Disabled: enable it to use it again.',
  needsIdenticalMaterial: () =>
    'Comes back without key material: only the identical material can be imported again.',
  /** Calls of the last 30 days. */
  calledRecently: ([calls = '']: string[]) => `Called ${times(calls)} in the last 30 days.`,
  /** Refused calls, the day (UTC) of the last one, and the caller, in whose name colons may stand. */
  refusedRecently: ([calls = '', day = '', ...caller]: string[]) =>
    `${caller.join(':')} still calls it: refused ${times(calls)}, last on ${day} (UTC).`,
} as const satisfies Record<string, (parameters: string[]) => string>

export type WarningCode = keyof typeof warnings

/** The words for a stored code; a code of a newer version is left out. */
export function warningWords(stored: string): string | null {
  const [code = '', ...parameters] = stored.split(':')
  return Object.hasOwn(warnings, code) ? warnings[code as WarningCode](parameters) : null
}

/** Operations whose inverse is legal and offered as Undo. */
export const inverseOf = {
  enable: 'disable',
  disable: 'enable',
  scheduleDeletion: 'cancelDeletion',
  cancelDeletion: null,
} as const satisfies Record<KeyOperation, KeyOperation | null>
