import type { ErrorCode } from './errors.ts'

/**
 * States of a key and what may be done in each: the one table that the console (greying out, with the reason) and the
 * verbs (refusing) both read. Source: Huawei KMS, key states and transitions.
 */
export const keyStates = {
  '2': { word: 'Enabled' },
  '3': { word: 'Disabled' },
  '4': { word: 'Pending deletion' },
  '5': { word: 'Pending import' },
} as const

/** The code the API uses, always a string. */
export type KeyState = keyof typeof keyStates

/** What a person can do to keys from the list. */
export type KeyOperation = 'enable' | 'disable' | 'scheduleDeletion' | 'cancelDeletion'

/** The words of the buttons. */
export const operationWords: Record<KeyOperation, string> = {
  enable: 'Enable',
  disable: 'Disable',
  scheduleDeletion: 'Delete',
  cancelDeletion: 'Cancel Deletion',
}

/** In the order of the buttons. */
export const keyOperations = ['enable', 'disable', 'scheduleDeletion', 'cancelDeletion'] as const

type Rule = {
  from: readonly KeyState[]
  to: (key: KeyFacts) => KeyState
  refusal: (state: KeyState) => ErrorCode
}

/** What of a key decides whether an operation fits. */
export type KeyFacts = {
  state: KeyState
  isDefault: boolean
  /** Whether usable material exists: false only for an external key without import, or whose material has expired. */
  hasMaterial: boolean
  /** Whether replica keys of it are left, those pending deletion included. */
  hasReplicas: boolean
}

const rules: Record<KeyOperation, Rule> = {
  enable: {
    from: ['3'],
    to: () => '2',
    refusal: (state) => (state === '4' ? 'keyPendingDeletion' : 'keyNotDisabled'),
  },
  disable: { from: ['2'], to: () => '3', refusal: () => 'keyNotEnabled' },
  scheduleDeletion: { from: ['2', '3', '5'], to: () => '4', refusal: () => 'alreadyPendingDeletion' },
  cancelDeletion: {
    from: ['4'],
    // A key that was Enabled before comes back Disabled: someone decides anew that it may be used.
    to: (key) => (key.hasMaterial ? '3' : '5'),
    refusal: () => 'keyNotPendingDeletion',
  },
}

export type Decision = { allowed: true; next: KeyState } | { allowed: false; reason: ErrorCode }

/** Whether an operation fits a key as it is, and what it becomes. Permission is asked for elsewhere, before. */
export function decide(operation: KeyOperation, key: KeyFacts): Decision {
  if (key.isDefault) return { allowed: false, reason: 'defaultKey' }
  const rule = rules[operation]
  if (!rule.from.includes(key.state)) return { allowed: false, reason: rule.refusal(key.state) }
  if (operation === 'scheduleDeletion' && key.hasReplicas) return { allowed: false, reason: 'keyHasReplicas' }
  // Its imported material has expired: it waits for import from that moment on, even before its row says so.
  if (operation === 'enable' && !key.hasMaterial) return { allowed: false, reason: rule.refusal('5') }
  return { allowed: true, next: rule.to(key) }
}

/** The states from which an operation starts; the list counts with it how many ticked keys it would act on. */
export function statesAllowing(operation: KeyOperation): readonly KeyState[] {
  return rules[operation].from
}

/** Why an operation does not fit a key, in a few words for a tooltip or a row of the review. */
export function refusalWords(operation: KeyOperation, state: KeyState): string {
  if (operation === 'cancelDeletion') return 'Not pending deletion'
  if (state === '4')
    return operation === 'scheduleDeletion'
      ? 'Already pending deletion'
      : 'Pending deletion: cancel the deletion first'
  if (state === '5') return 'Pending import: import key material first'
  if (operation === 'disable') return 'Already Disabled'
  return state === '3' ? 'Key material expired: import it again' : 'Already Enabled'
}

export function isKeyState(value: string): value is KeyState {
  return Object.hasOwn(keyStates, value)
}
