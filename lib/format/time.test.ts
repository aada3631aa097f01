import { describe, expect, test } from 'vitest'
import { formatExactMoment, formatMoment, isZone, momentParts, shortOffset } from './time.ts'

const moment = '2026-11-23T17:21:05.123Z'

describe('a moment', () => {
  test.each([
    ['UTC', '2026/11/23 17:21:05 UTC'],
    ['Asia/Shanghai', '2026/11/24 01:21:05 GMT+08:00'],
    ['America/New_York', '2026/11/23 12:21:05 GMT-05:00'],
    ['Asia/Kolkata', '2026/11/23 22:51:05 GMT+05:30'],
  ])('in %s', (zone, text) => {
    expect(formatMoment(moment, zone)).toBe(text)
  })

  test('midnight is 00, not 24', () => {
    expect(momentParts('2026-01-01T00:00:00Z', 'UTC').clock).toBe('00:00')
  })

  test('follows daylight saving', () => {
    expect(formatMoment('2026-07-01T12:00:00Z', 'Europe/Berlin')).toBe('2026/07/01 14:00:00 GMT+02:00')
  })

  test('exactly, with milliseconds and the name of the zone', () => {
    expect(formatExactMoment(moment, 'Asia/Shanghai')).toBe(
      '2026/11/24 01:21:05.123 GMT+08:00 (Asia/Shanghai)',
    )
    expect(formatExactMoment(moment, 'UTC')).toBe('2026/11/23 17:21:05.123 UTC')
  })
})

test.each([
  ['GMT+08:00', 'GMT+8'],
  ['GMT-05:00', 'GMT-5'],
  ['GMT+05:30', 'GMT+5:30'],
  ['GMT+13:45', 'GMT+13:45'],
  ['UTC', 'UTC'],
])('the offset %s is short for %s', (long, short) => {
  expect(shortOffset(long)).toBe(short)
})

test('a cookie may hold anything; only real zones count', () => {
  expect(isZone('Europe/Berlin')).toBe(true)
  expect(isZone('Mars/Olympus')).toBe(false)
  expect(isZone('')).toBe(false)
})
