import { expect, test } from 'vitest'
import { countsLine, outcomeWords } from './outcome-words.ts'

const none = { pending: 0, done: 0, failed: 0, skipped: 0, changed: 0 }

test.each([
  [{ ...none, done: 7, failed: 1, skipped: 1 }, 'done', '7 done · 1 failed · 1 skipped'],
  [{ ...none, done: 1_200 }, 'done', '1,200 done'],
  [{ ...none, done: 3, pending: 4 }, 'applying', '3 done · 4 waiting'],
  [{ ...none, done: 7, failed: 1 }, 'confirming', '7 saved · 1 failed'],
  [{ ...none, done: 3, pending: 4 }, 'stopped', '3 done · 4 not reached'],
  [{ ...none, changed: 2 }, 'done', '2 changed since review'],
  [none, 'done', '0 done'],
] as const)('%j, %s', (counts, status, line) => {
  expect(countsLine({ counts, status })).toBe(line)
})

test.each([
  ['done', 'applying', 'Done'],
  ['done', 'confirming', 'Saved'],
  ['done', 'done', 'Done'],
  ['failed', 'confirming', 'Failed'],
  ['pending', 'applying', 'Waiting'],
  ['pending', 'confirming', 'Not reached'],
  ['pending', 'stopped', 'Not reached'],
  ['pending', 'done', 'Not reached'],
] as const)('a key that is %s in a change that is %s: %s', (outcome, status, words) => {
  expect(outcomeWords(outcome, status)).toBe(words)
})
