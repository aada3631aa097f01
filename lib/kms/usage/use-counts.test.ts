import { expect, test } from 'vitest'
import type { KmsContext } from '../context.ts'
import type { UseOfKey } from './record-use.ts'
import { stepsMax, UseCounts } from './use-counts.ts'

const ctx = {
  actor: { kind: 'user', id: 'user', name: 'user' },
  sourceAddress: null,
} as unknown as KmsContext

function counting() {
  const counts = new UseCounts()
  const add = (name: string, refused: UseOfKey['refused'] = null) => {
    const key = { id: name } as UseOfKey['key']
    counts.add(ctx, { use: 'encryptData', accountId: 'account', key, refused }, new Date())
  }
  const step = () => counts.takeDue().get('account') ?? { days: [], lastUses: new Map(), refusals: [] }
  return { counts, add, step }
}

test('counters of few keys are taken out together, in their last step', () => {
  const { counts, add, step } = counting()
  add('a')
  add('b', 'keyDisabled')
  for (let waited = 1; waited < stepsMax - 1; waited++) {
    expect(step().days).toEqual([])
    add('a')
  }
  const { days, lastUses, refusals } = step()
  expect(days).toMatchObject([
    { keyId: 'a', calls: stepsMax - 1, refused: 0 },
    { keyId: 'b', calls: 0, refused: 1 },
  ])
  expect([...lastUses.keys()]).toEqual(['a'])
  expect(refusals).toMatchObject([{ keyId: 'b', calls: 1 }])
  expect(counts.empty).toBe(true)
})

test('of many keys a part goes at every step, none waits longer than the steps allow, and no use is lost', () => {
  const { counts, add, step } = counting()
  const keys = Array.from({ length: 1_000 }, (_, number) => `key ${number}`)
  const waitingSince = new Map<string, number>()
  let written = 0
  for (let now = 0; now < 50; now++) {
    for (const key of keys) {
      add(key)
      if (!waitingSince.has(key)) waitingSince.set(key, now)
    }
    const { days } = step()
    expect(days.length).toBeGreaterThan(0)
    expect(days.length).toBeLessThan(keys.length / 5)
    for (const { keyId, calls } of days) {
      expect(now - (waitingSince.get(keyId) ?? 0)).toBeLessThan(stepsMax)
      waitingSince.delete(keyId)
      written += calls
    }
  }
  for (const { calls } of counts.takeAll().get('account')?.days ?? []) written += calls
  expect(written).toBe(50 * keys.length)
})

test('what could not be written is put back beside what was counted meanwhile', () => {
  const { counts, add } = counting()
  add('a')
  add('a', 'keyDisabled')
  const failed = counts.takeAll()
  add('a')
  for (const [accountId, rest] of failed) counts.giveBack(accountId, rest)
  const again = counts.takeAll().get('account')
  expect(again?.days).toMatchObject([{ keyId: 'a', calls: 2, refused: 1 }])
  expect(again?.refusals).toMatchObject([{ keyId: 'a', calls: 1 }])
})
