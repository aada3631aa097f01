import { describe, expect, test } from 'vitest'
import { errorMessage, KmsError } from './errors.ts'
import {
  decide,
  isKeyState,
  type KeyFacts,
  type KeyOperation,
  type KeyState,
  keyOperations,
  keyStates,
  refusalWords,
  statesAllowing,
} from './key-state.ts'

const facts = (state: KeyState, more: Partial<KeyFacts> = {}): KeyFacts => ({
  state,
  isDefault: false,
  hasMaterial: state !== '5',
  hasReplicas: false,
  ...more,
})

/** State × operation: the next state, or the code of the refusal. Source: Huawei KMS, key states and transitions. */
const table: [KeyOperation, KeyState, string][] = [
  ['enable', '2', 'KMS.1201'],
  ['enable', '3', '2'],
  ['enable', '4', 'KMS.0210'],
  ['enable', '5', 'KMS.1201'],
  ['disable', '2', '3'],
  ['disable', '3', 'KMS.1301'],
  ['disable', '4', 'KMS.1301'],
  ['disable', '5', 'KMS.1301'],
  ['scheduleDeletion', '2', '4'],
  ['scheduleDeletion', '3', '4'],
  ['scheduleDeletion', '4', 'KMS.1402'],
  ['scheduleDeletion', '5', '4'],
  ['cancelDeletion', '2', 'KMS.1501'],
  ['cancelDeletion', '3', 'KMS.1501'],
  ['cancelDeletion', '4', '3'],
  ['cancelDeletion', '5', 'KMS.1501'],
]

const answerOf = (operation: KeyOperation, key: KeyFacts): string => {
  const decision = decide(operation, key)
  return decision.allowed ? decision.next : new KmsError(decision.reason).kmsCode
}

test('the table names every state and every operation once', () => {
  const cells = table.map(([operation, state]) => `${operation} ${state}`)
  expect(new Set(cells).size).toBe(cells.length)
  expect(cells.length).toBe(keyOperations.length * Object.keys(keyStates).length)
})

test.each(table)('%s from %s gives %s', (operation, state, answer) => {
  expect(answerOf(operation, facts(state))).toBe(answer)
})

test.each(table)(
  '%s from %s says the same whether or not replicas are left, but for Delete',
  (operation, state, answer) => {
    const refused = operation === 'scheduleDeletion' && state !== '4'
    expect(answerOf(operation, facts(state, { hasReplicas: true }))).toBe(refused ? 'Keystead.0002' : answer)
  },
)

test.each(table)('%s from %s is refused for a default key', (operation, state) => {
  expect(answerOf(operation, facts(state, { isDefault: true, hasReplicas: true }))).toBe('KMS.0211')
})

test('a canceled deletion gives Disabled with material and Pending import without', () => {
  expect(answerOf('cancelDeletion', facts('4', { hasMaterial: true }))).toBe('3')
  expect(answerOf('cancelDeletion', facts('4', { hasMaterial: false }))).toBe('5')
})

test('a Disabled key whose material has expired is not enabled, and may still be deleted', () => {
  const expired = facts('3', { hasMaterial: false })
  expect(answerOf('enable', expired)).toBe('KMS.1201')
  expect(answerOf('scheduleDeletion', expired)).toBe('4')
})

test.each(table)('the toolbar counts %s from %s as it will be decided', (operation, state, answer) => {
  expect(statesAllowing(operation).includes(state)).toBe(isKeyState(answer))
})

describe('the words of a refusal', () => {
  test.each([
    ['enable', '2', 'Already Enabled'],
    ['enable', '3', 'Key material expired: import it again'],
    ['enable', '4', 'Pending deletion: cancel the deletion first'],
    ['enable', '5', 'Pending import: import key material first'],
    ['disable', '3', 'Already Disabled'],
    ['disable', '4', 'Pending deletion: cancel the deletion first'],
    ['disable', '5', 'Pending import: import key material first'],
    ['scheduleDeletion', '4', 'Already pending deletion'],
    ['cancelDeletion', '2', 'Not pending deletion'],
    ['cancelDeletion', '3', 'Not pending deletion'],
    ['cancelDeletion', '5', 'Not pending deletion'],
  ] as const)('%s from %s: %s', (operation, state, words) => {
    expect(refusalWords(operation, state)).toBe(words)
  })

  test('exist for every refusal, in the message of its code as well', () => {
    for (const [operation, state, answer] of table) {
      if (isKeyState(answer)) continue
      const decision = decide(operation, facts(state))
      expect(decision.allowed).toBe(false)
      if (!decision.allowed) expect(errorMessage(decision.reason)).not.toBe('')
    }
  })
})
