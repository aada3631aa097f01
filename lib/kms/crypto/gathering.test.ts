import { expect, test } from 'vitest'
import { Gathering } from './gathering.ts'

/** Names in the order in which they went on. */
function joining(most: number) {
  const gathering = new Gathering(most)
  const gone: string[] = []
  const join = (name: string, moreToCome: boolean) =>
    gathering.join(moreToCome).then(() => void gone.push(name))
  return { gone, join }
}

test('while more is to come, so many go on together', async () => {
  const { gone, join } = joining(3)
  const first = [join('a', true), join('b', true)]
  await Promise.resolve()
  expect(gone).toEqual([])
  await Promise.all([...first, join('c', true)])
  expect(gone.toSorted()).toEqual(['a', 'b', 'c'])
})

test('the last takes along whoever waits', async () => {
  const { gone, join } = joining(10)
  await Promise.all([join('a', true), join('b', true), join('last', false)])
  expect(gone.toSorted()).toEqual(['a', 'b', 'last'])
})

test('who comes alone waits for nobody', async () => {
  const { gone, join } = joining(10)
  await join('a', false)
  await join('b', false)
  expect(gone).toEqual(['a', 'b'])
})
