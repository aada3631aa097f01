import { expect, test } from 'vitest'
import { formatBytes } from './bytes.ts'
import { formatCount, plural } from './count.ts'
import { formatTimeLeft } from './time-left.ts'

test.each([
  [0, '0'],
  [1000, '1,000'],
  [10_000, '10,000'],
])('the count %i', (count, text) => {
  expect(formatCount(count)).toBe(text)
})

test('one key, several keys, several boxes', () => {
  expect(plural(1, 'key')).toBe('1 key')
  expect(plural(0, 'key')).toBe('0 keys')
  expect(plural(10_000, 'key')).toBe('10,000 keys')
  expect(plural(2, 'box', 'boxes')).toBe('2 boxes')
})

test.each([
  [0, '0 B'],
  [512, '512 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [4096, '4 KiB'],
  [1024 ** 2, '1 MiB'],
  [1024 ** 5, '1024 TiB'],
])('%i bytes', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test.each([
  ['2026-01-08T00:00:00Z', '7 days left'],
  ['2026-01-07T23:59:59Z', '6 days left'],
  ['2026-01-02T00:00:00Z', '1 day left'],
  ['2026-01-01T23:59:59Z', '23 hours left'],
  ['2026-01-01T00:05:59Z', '5 minutes left'],
  ['2026-01-01T00:00:59Z', 'less than a minute left'],
  ['2026-01-01T00:00:00Z', 'due'],
  ['2025-12-31T00:00:00Z', 'due'],
])('until %s, never more than there is', (until, text) => {
  expect(formatTimeLeft(until, '2026-01-01T00:00:00Z')).toBe(text)
})
