import { expect, test } from 'vitest'
import { kindsMax, Sampler } from './sampler.ts'

function sampling(max: number) {
  const clock = { now: 0 }
  const sampler = new Sampler({ max, milliseconds: 1_000 }, () => clock.now)
  const takeAll = (kinds: string[]) => kinds.map((kind) => sampler.take(kind))
  return { clock, sampler, takeAll }
}

const kinds = (count: number, name: string): string[] => Array.from({ length: count }, (_, at) => name + at)

test('the first of each kind pass, and the next that passes tells how many did not', () => {
  const { clock, takeAll } = sampling(2)
  expect(takeAll(['a', 'a', 'b', 'a', 'a', 'a'])).toEqual([0, 0, 0, null, null, null])
  clock.now += 999
  expect(takeAll(['a', 'b'])).toEqual([null, 0])
  clock.now += 1
  expect(takeAll(['a', 'a', 'a', 'b'])).toEqual([4, 0, null, 0])
})

test('kinds beyond those that are told apart share one place, and take none from the others', () => {
  const { takeAll } = sampling(1)
  expect(takeAll(kinds(kindsMax, 'early'))).toEqual(Array(kindsMax).fill(0))
  expect(takeAll(kinds(1_000, 'late'))).toEqual([0, ...Array(999).fill(null)])
  expect(takeAll(['early0', 'late0', 'late1'])).toEqual([null, null, null])
})

test('kinds whose time is over make room for others, and what they kept back is told', () => {
  const { clock, takeAll } = sampling(1)
  takeAll(kinds(kindsMax, 'old'))
  takeAll(kinds(kindsMax, 'old'))
  clock.now += 1_000
  expect(takeAll(kinds(kindsMax, 'new'))).toEqual(Array(kindsMax).fill(0))
  expect(takeAll(['more', 'than that'])).toEqual([kindsMax, null])
})
