import { expect, test } from 'vitest'
import { formatTimeAgo } from './time-ago.ts'

const now = '2026-11-23T17:21:05.123Z'

test.for([
  ['2026-11-23T17:21:05.123Z', 'just now'],
  // Clocks of two processes may differ a little.
  ['2026-11-23T17:21:06.000Z', 'just now'],
  ['2026-11-23T17:20:06.000Z', 'just now'],
  ['2026-11-23T17:20:05.000Z', '1 minute ago'],
  ['2026-11-23T16:21:06.000Z', '59 minutes ago'],
  ['2026-11-23T16:21:05.000Z', '1 hour ago'],
  ['2026-11-22T17:21:06.000Z', '23 hours ago'],
  ['2026-11-22T17:21:05.000Z', '1 day ago'],
  ['2023-11-23T17:21:05.000Z', '1,096 days ago'],
] as const)('%s', ([moment, words]) => {
  expect(formatTimeAgo(moment, now)).toBe(words)
})
