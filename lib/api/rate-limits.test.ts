import { expect, test } from 'vitest'
import { publishedRates, RateLimits } from './rate-limits.ts'

function limitsAt() {
  const clock = { now: 0 }
  return { clock, limits: new RateLimits(publishedRates, () => clock.now) }
}

const exceeded = expect.objectContaining({ code: 'rateExceeded', status: 429 })

test('a user makes 20 calls in a second, and again in the next', () => {
  const { clock, limits } = limitsAt()
  for (let i = 0; i < 20; i++) limits.admit('a', 'general')
  expect(() => limits.admit('a', 'general')).toThrow(exceeded)
  limits.admit('b', 'general')
  clock.now += 50
  limits.admit('a', 'general')
  expect(() => limits.admit('a', 'general')).toThrow(exceeded)
  clock.now += 1_000
  for (let i = 0; i < 20; i++) limits.admit('a', 'general')
  expect(() => limits.admit('a', 'general')).toThrow(exceeded)
})

test('kinds of calls are counted apart', () => {
  const { limits } = limitsAt()
  for (let i = 0; i < 20; i++) limits.admit('a', 'general')
  for (let i = 0; i < 20; i++) limits.admit('a', 'life-cycle')
  for (let i = 0; i < 300; i++) limits.admit('a', 'sign')
  expect(() => limits.admit('a', 'sign')).toThrow(exceeded)
})

test('all users together are limited too', () => {
  const { limits } = limitsAt()
  for (let user = 0; user < 5; user++) for (let i = 0; i < 20; i++) limits.admit(`user ${user}`, 'life-cycle')
  expect(() => limits.admit('another', 'life-cycle')).toThrow(exceeded)
})

test('users who come and go are forgotten without being favoured', () => {
  const { clock, limits } = limitsAt()
  for (let i = 0; i < 20; i++) limits.admit('a', 'general')
  for (let user = 0; user < 20_000; user++) limits.admit(`user ${user}`, 'general')
  expect(() => limits.admit('a', 'general')).toThrow(exceeded)
  clock.now += 1_000
  limits.admit('someone', 'general')
  limits.admit('a', 'general')
})
