import type { KeyOperation } from './key-state.ts'

/** What the review says about a key beyond its next state. */
export const warnings = {
  enabledNow: 'Enabled now: every call that uses it fails from the moment you confirm.',
  becomesDisabled: 'Comes back Disabled: enable it to use it again.',
  needsIdenticalMaterial:
    'Comes back without key material: only the identical material can be imported again.',
} as const

export type WarningCode = keyof typeof warnings

/** The words for a stored code; a code of a newer version is left out. */
export function warningWords(code: string): string | null {
  return Object.hasOwn(warnings, code) ? warnings[code as WarningCode] : null
}

/** Operations whose inverse is legal and offered as Undo. */
export const inverseOf = {
  enable: 'disable',
  disable: 'enable',
  scheduleDeletion: 'cancelDeletion',
  cancelDeletion: null,
} as const satisfies Record<KeyOperation, KeyOperation | null>
