import { expect, test } from 'vitest'
import { warningWords } from './warnings.ts'

test.for([
  ['enabledNow', 'Enabled now: every call that uses it fails from the moment you confirm.'],
  ['calledRecently:1', 'Called once in the last 30 days.'],
  ['calledRecently:42', 'Called 42 times in the last 30 days.'],
  ['calledRecently:1234567', 'Called 1,234,567 times in the last 30 days.'],
  [
    'refusedRecently:7:2031-05-02:orders: the service',
    'orders: the service still calls it: refused 7 times, last on 2031-05-02 (UTC).',
  ],
  ['ofANewerVersion:7', null],
  ['toString', null],
  ['', null],
] as const)('%s', ([stored, words]) => {
  expect(warningWords(stored)).toBe(words)
})
