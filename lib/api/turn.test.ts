import { expect, test } from 'vitest'
import { afterTurn, endOfReading } from './turn.ts'

test('those who wait in one turn go on together, and after them what is to follow', async () => {
  const seen: string[] = []
  const { promise: over, resolve } = Promise.withResolvers<void>()
  afterTurn(() => {
    seen.push('after')
    resolve()
  })
  const work = async (name: string): Promise<void> => {
    await endOfReading()
    seen.push(`${name} begins`)
    await Promise.resolve()
    seen.push(`${name} ends`)
  }
  void work('first')
  void work('second')
  process.nextTick(() => seen.push('still reading'))
  await over
  expect(seen).toEqual([
    'still reading',
    'first begins',
    'second begins',
    'first ends',
    'second ends',
    'after',
  ])
})

test('the next turn is another', async () => {
  const first = endOfReading()
  expect(endOfReading()).toBe(first)
  await first
  const second = endOfReading()
  expect(second).not.toBe(first)
  await second
})
