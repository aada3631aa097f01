import { expect, test } from 'vitest'
import { ClockGuard } from './clock-guard.ts'

const day = 86_400_000
const year = 365 * day

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

test('where both clocks are one, a jump of a year is not trusted a round later either, but for a day', () => {
  const guard = new ClockGuard()
  guard.check(at(0))
  guard.check(at(10_000, { database: year, wall: year }))
  expect(guard.check(at(20_000, { database: year, wall: year }))).toMatch('jumped ahead')
  expect(guard.check(at(10_000 + day - 1, { database: year, wall: year }))).toMatch('jumped ahead')
  expect(guard.check(at(10_000 + day, { database: year, wall: year }))).toBeNull()
})

test('a machine that slept is trusted again when it has been awake as long', () => {
  const hour = 3_600_000
  const guard = new ClockGuard()
  guard.check(at(0))
  // The monotonic clock stood still for an hour.
  const awake = (milliseconds: number) => ({ ...at(hour + milliseconds), monotonic: milliseconds })
  expect(guard.check(awake(1_000))).toMatch('jumped ahead')
  expect(guard.check(awake(hour))).toMatch('jumped ahead')
  expect(guard.check(awake(hour + 1_000))).toBeNull()
})

test('a wrong database clock that the wall clock follows later is not trusted', () => {
  const guard = new ClockGuard()
  guard.check(at(0))
  guard.check(at(1_000, { database: year }))
  expect(guard.check(at(11_000, { database: year, wall: year }))).toMatch('jumped ahead')
})

test('a shorter jump does not end the wait of a longer one', () => {
  const guard = new ClockGuard()
  guard.check(at(0))
  guard.check(at(1_000, { database: year, wall: year }))
  guard.check(at(2_000, { database: year + 120_000, wall: year + 120_000 }))
  expect(guard.check(at(200_000, { database: year + 120_000, wall: year + 120_000 }))).toMatch('jumped ahead')
})

test('a clock that is set back is trusted: nothing becomes due by it', () => {
  const guard = new ClockGuard()
  guard.check(at(0))
  expect(guard.check(at(1_000, { database: -120_000, wall: -120_000 }))).toBeNull()
})
