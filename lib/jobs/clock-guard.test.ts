import { expect, test } from 'vitest'
import { ClockGuard } from './clock-guard.ts'

const year = 365 * 86_400_000

const at = (milliseconds: number, { database = 0, wall = 0 } = {}) => ({
  database: 1_000_000_000_000 + milliseconds + database,
  wall: 1_000_000_000_000 + milliseconds + wall,
  monotonic: milliseconds,
})

test('the first reading is never trusted, the second is', () => {
  const guard = new ClockGuard()
  expect(guard.check(at(0))).toMatch('only once')
  expect(guard.check(at(1_000))).toBeNull()
})

test('a database clock that jumps a year ahead is not trusted', () => {
  const guard = new ClockGuard()
  guard.check(at(0))
  expect(guard.check(at(1_000, { database: year }))).toMatch('apart')
})

test('both clocks jumping a year together are not trusted', () => {
  const guard = new ClockGuard()
  guard.check(at(0))
  expect(guard.check(at(1_000, { database: year, wall: year }))).toMatch('jumped ahead')
})

test.for([299_000, 301_000])('clocks %i ms apart', (apart) => {
  const guard = new ClockGuard()
  guard.check(at(0, { wall: apart }))
  expect(guard.check(at(1_000, { wall: apart })) === null).toBe(apart < 300_000)
})

test('a machine that slept is trusted again once both clocks agree', () => {
  const guard = new ClockGuard()
  guard.check(at(0))
  // The monotonic clock stood still for an hour.
  expect(guard.check({ ...at(3_600_000), monotonic: 1_000 })).toMatch('jumped ahead')
  expect(guard.check({ ...at(3_601_000), monotonic: 2_000 })).toBeNull()
})

test('a clock that is set back is trusted: nothing becomes due by it', () => {
  const guard = new ClockGuard()
  guard.check(at(0))
  expect(guard.check(at(1_000, { database: -120_000, wall: -120_000 }))).toBeNull()
})
