import { expect, test } from 'vitest'
import { type Answer, type Call, History, type SwitchChange } from './history.ts'
import { judge } from './judge.ts'

type Told = Partial<Call> & { begin: number; end: number }

const success = (more: Partial<Extract<Answer, { kind: 'success' }>> = {}): Answer => ({
  kind: 'success',
  keyId: 'k',
  version: null,
  secondCheck: null,
  ...more,
})

const refused: Answer = { kind: 'refused', status: 400, code: 'KMS.0209' }

const call = (told: Told): Call => ({
  number: 1,
  process: 'a',
  operation: 'encrypt-data',
  needs: ['user u'],
  named: { keyId: 'k' },
  answer: success(),
  ...told,
})

/** The user is on all the time; the key as told, each change as [to, begin, end]. */
function historyOf(...changes: ['on' | 'off', number, number, SwitchChange['outcome']?][]): History {
  const history = new History()
  history.addSwitchChange({ switch: 'user u', to: 'on', verb: 'made', begin: 0, end: 0, outcome: 'returned' })
  for (const [to, begin, end, outcome = 'returned'] of changes) {
    history.addSwitchChange({ switch: 'key k', to, verb: to, begin, end, outcome })
  }
  return history
}

const rulesBroken = (history: History, told: Told) => judge(history, call(told)).map(({ rule }) => rule)

test('a success is wrong when it began after Disable returned and ended before Enable began', () => {
  const history = historyOf(['on', 0, 0], ['off', 10, 20], ['on', 50, 60])
  expect(rulesBroken(history, { begin: 20, end: 50 })).toEqual(['success after off'])
  expect(rulesBroken(history, { begin: 30, end: 40 })).toEqual(['success after off'])
  // Its request was read before Disable returned, or it succeeded once Enable had begun.
  expect(rulesBroken(history, { begin: 19, end: 40 })).toEqual([])
  expect(rulesBroken(history, { begin: 30, end: 51 })).toEqual([])
  expect(rulesBroken(history, { begin: 30, end: 40, answer: refused })).toEqual([])
})

test('a success without its user, or any other thing it needs, is as wrong', () => {
  const history = historyOf(['on', 0, 0])
  history.addSwitchChange({
    switch: 'user u',
    to: 'off',
    verb: 'suspend',
    begin: 10,
    end: 20,
    outcome: 'returned',
  })
  expect(rulesBroken(history, { begin: 21, end: 30 })).toEqual(['success after off'])
})

test('what is off for good needs no later Enable to be wrong', () => {
  expect(rulesBroken(historyOf(['on', 0, 0], ['off', 10, 20]), { begin: 21, end: 900 })).toEqual([
    'success after off',
  ])
})

test('an answer from the cache is wrong when it passed its second check after Disable returned', () => {
  const history = historyOf(['on', 0, 0], ['off', 10, 20], ['on', 50, 60])
  const answered = (secondCheck: number) => ({ begin: 5, end: 40, answer: success({ secondCheck }) })
  expect(rulesBroken(history, answered(21))).toEqual(['check after off'])
  expect(rulesBroken(history, answered(19))).toEqual([])
  // Also when it was answered only after Enable began.
  expect(rulesBroken(history, { begin: 5, end: 70, answer: success({ secondCheck: 30 }) })).toEqual([
    'check after off',
  ])
  expect(rulesBroken(history, { begin: 5, end: 70, answer: success({ secondCheck: 55 }) })).toEqual([])
})

test('a refusal is wrong when all was on from before it began until after it ended', () => {
  const history = historyOf(['on', 0, 0], ['off', 10, 20], ['on', 50, 60], ['off', 90, 100])
  expect(rulesBroken(history, { begin: 60, end: 90, answer: refused })).toEqual(['refusal while on'])
  expect(rulesBroken(history, { begin: 59, end: 80, answer: refused })).toEqual([])
  expect(rulesBroken(history, { begin: 61, end: 91, answer: refused })).toEqual([])
  const busy: Answer = { kind: 'unanswered', reason: '503' }
  expect(rulesBroken(history, { begin: 61, end: 80, answer: busy })).toEqual([])
})

test('an answer that nobody foresaw is wrong whatever was on or off', () => {
  const history = historyOf(['on', 0, 0], ['off', 10, 20])
  const answer: Answer = { kind: 'unexpected', reason: '500 KMS.0101' }
  expect(rulesBroken(history, { begin: 15, end: 30, answer })).toEqual(['unexpected answer'])
})

test('a change that failed, or is under way, may have taken effect at any moment since it began', () => {
  const failed = historyOf(['on', 0, 0], ['off', 10, 20, 'failed'])
  expect(rulesBroken(failed, { begin: 30, end: 40 })).toEqual([])
  expect(rulesBroken(failed, { begin: 30, end: 40, answer: refused })).toEqual([])
  const underWay = historyOf(['on', 0, 0], ['off', 10, Number.POSITIVE_INFINITY, 'under way'])
  expect(rulesBroken(underWay, { begin: 30, end: 40 })).toEqual([])
  expect(rulesBroken(underWay, { begin: 30, end: 40, answer: refused })).toEqual([])
  // The next one that returns says again what is.
  const again = historyOf(['on', 0, 0], ['off', 10, 20, 'failed'], ['off', 30, 40])
  expect(rulesBroken(again, { begin: 41, end: 50 })).toEqual(['success after off'])
})

test('of two Disables at once the first to return counts; an Enable that overlaps leaves it open', () => {
  const twice = historyOf(['on', 0, 0], ['off', 10, 40], ['off', 12, 20])
  expect(rulesBroken(twice, { begin: 21, end: 30 })).toEqual(['success after off'])
  const overlapping = historyOf(['on', 0, 0], ['on', 5, 30], ['off', 10, 20])
  expect(rulesBroken(overlapping, { begin: 31, end: 40 })).toEqual([])
  expect(rulesBroken(overlapping, { begin: 31, end: 40, answer: refused })).toEqual([])
})

test('what is sealed after a rotation returned is sealed with the new version', () => {
  const history = historyOf(['on', 0, 0])
  const rotated = { verb: 'rotate', keyId: 'k', outcome: 'returned' } as const
  history.addRotation({ ...rotated, version: 2, begin: 10, end: 20 })
  history.addRotation({ ...rotated, version: 3, begin: 30, end: 40 })
  const sealed = (begin: number, version: number, secondCheck: number | null = null) =>
    rulesBroken(history, { begin, end: 50, answer: success({ version, secondCheck }) })
  expect(sealed(21, 1)).toEqual(['old material'])
  expect(sealed(21, 2)).toEqual([])
  expect(sealed(21, 3)).toEqual([])
  expect(sealed(19, 1)).toEqual([])
  expect(sealed(41, 2)).toEqual(['old material'])
  expect(sealed(5, 1, 21)).toEqual(['old material'])
})

test('a call by alias uses the key that the alias names', () => {
  const history = historyOf(['on', 0, 0])
  history.addSwitchChange({ switch: 'key m', to: 'on', verb: 'made', begin: 0, end: 0, outcome: 'returned' })
  const move = { verb: 'associate', alias: 'alias/a', outcome: 'returned' } as const
  history.addAliasMove({ ...move, keyId: 'k', begin: 1, end: 2 })
  history.addAliasMove({ ...move, keyId: 'm', begin: 10, end: 20 })
  const used = (begin: number, end: number, keyId: string) =>
    rulesBroken(history, { begin, end, named: { alias: 'alias/a' }, answer: success({ keyId }) })
  expect(used(3, 9, 'k')).toEqual([])
  expect(used(3, 9, 'm')).toEqual(['old alias'])
  expect(used(3, 11, 'm')).toEqual([])
  expect(used(19, 30, 'k')).toEqual([])
  expect(used(21, 30, 'k')).toEqual(['old alias'])
  expect(used(21, 30, 'm')).toEqual([])
})

test('a refusal by alias is wrong only if every key it may have meant was on', () => {
  const history = historyOf(['on', 0, 0], ['off', 5, 6])
  history.addSwitchChange({ switch: 'key m', to: 'on', verb: 'made', begin: 0, end: 0, outcome: 'returned' })
  const move = { verb: 'associate', alias: 'alias/a', outcome: 'returned' } as const
  history.addAliasMove({ ...move, keyId: 'k', begin: 1, end: 2 })
  history.addAliasMove({ ...move, keyId: 'm', begin: 10, end: 20 })
  const told = { named: { alias: 'alias/a' }, answer: refused }
  expect(rulesBroken(history, { begin: 15, end: 30, ...told })).toEqual([])
  expect(rulesBroken(history, { begin: 21, end: 30, ...told })).toEqual(['refusal while on'])
})
