import { expect, test } from 'vitest'
import { judgeAddress, judgeEmail, type ThrottleRow } from './throttle-rules.ts'

const start = new Date('2026-01-01T00:00:00.000Z')
const fresh: ThrottleRow = {
  failures: 0,
  windowStart: start,
  blockedUntil: null,
  refused: 0,
  updatedAt: start,
}
const after = (seconds: number) => new Date(start.getTime() + seconds * 1_000)

test('an account has five attempts, then pauses of 1, 2, 4 … 60 seconds', () => {
  let row = fresh
  let now = start
  const pauses: number[] = []
  for (let attempt = 0; attempt < 14; attempt++) {
    const verdict = judgeEmail(row, now)
    if (!verdict.admitted) throw new Error(`attempt ${attempt} was turned away`)
    row = verdict.row
    const pause = row.blockedUntil ? row.blockedUntil.getTime() - now.getTime() : 0
    pauses.push(pause / 1_000)
    now = new Date(now.getTime() + pause)
  }
  expect(pauses).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60])
})

test('an attempt during a pause is turned away and does not lengthen it', () => {
  const paused = { ...fresh, failures: 9, blockedUntil: after(16) }
  expect(judgeEmail(paused, start)).toEqual({ admitted: false, seconds: 16 })
  expect(judgeEmail(paused, after(15.2))).toEqual({ admitted: false, seconds: 1 })
  expect(judgeEmail(paused, after(16)).admitted).toBe(true)
})

test('an account left alone for a quarter of an hour starts anew', () => {
  const verdict = judgeEmail({ ...fresh, failures: 20 }, after(900))
  expect(verdict).toMatchObject({ admitted: true, row: { failures: 1, blockedUntil: null } })
})

test('an address has thirty attempts in a minute', () => {
  let row = fresh
  for (let attempt = 0; attempt < 30; attempt++) {
    const verdict = judgeAddress(row, after(attempt))
    if (!verdict.admitted) throw new Error(`attempt ${attempt} was turned away`)
    row = verdict.row
  }
  expect(judgeAddress(row, after(30))).toEqual({ admitted: false, seconds: 30 })
  expect(judgeAddress(row, after(60))).toMatchObject({ admitted: true, row: { failures: 1 } })
})
