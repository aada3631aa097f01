import { expect, test } from 'vitest'
import { leaseMarginMilliseconds, leaseMilliseconds } from '../invalidations/lease-times.ts'
import { Lease } from './lease.ts'

const lasts = leaseMilliseconds - leaseMarginMilliseconds

function leaseAt(monotonic: number, wall: number) {
  const now = { monotonic, wall }
  return { now, lease: new Lease({ monotonic: () => now.monotonic, wall: () => now.wall }) }
}

test('it does not hold before it was renewed, nor once it was ended', () => {
  const { lease } = leaseAt(1_000, 5_000)
  expect(lease.holds).toBe(false)
  lease.renew(lease.moment(), new Date(9_000))
  expect(lease.holds).toBe(true)
  lease.end()
  expect(lease.holds).toBe(false)
})

test('it runs from before the renewal asked for anything, and ends a margin before whoever fences has waited', () => {
  const { lease, now } = leaseAt(0, 0)
  const begun = lease.moment()
  now.monotonic = 700
  now.wall = 700
  lease.renew(begun, new Date(0))
  now.monotonic = now.wall = lasts - 1
  expect(lease.holds).toBe(true)
  now.monotonic = now.wall = lasts
  expect(lease.holds).toBe(false)
})

test.each([
  ['the machine was suspended: the monotonic clock stood still', { monotonic: 10, wall: lasts }, false],
  ['the wall clock was set back', { monotonic: lasts, wall: -3_600_000 }, false],
  ['the wall clock was set forward', { monotonic: 10, wall: 3_600_000 }, false],
  ['the wall clock was set back within the lease', { monotonic: 10, wall: -3_600_000 }, true],
])('%s', (_, later, holds) => {
  const { lease, now } = leaseAt(0, 0)
  lease.renew(lease.moment(), new Date(0))
  Object.assign(now, later)
  expect(lease.holds).toBe(holds)
})

test('the database clock is never thought to be earlier than it is', () => {
  const { lease, now } = leaseAt(100, 0)
  // Asked at 100, read by the server at some moment until 180, when the answer was there.
  lease.renew(lease.moment(), new Date(1_000_000))
  now.monotonic = 180
  expect(lease.databaseNow()).toBeGreaterThanOrEqual(1_000_000)
  now.monotonic = 1_100
  expect(lease.databaseNow()).toBe(1_001_000)
})
