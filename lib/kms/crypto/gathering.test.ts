import { expect, test } from 'vitest'
import { Gathering } from './gathering.ts'

/** Names in the order in which they went on. */
function joining(few: number, many = few) {
  const gathering = new Gathering({ few, many })
  const gone: string[] = []
  const join = (name: string, toCome: number) => gathering.join(toCome).then(() => void gone.push(name))
  return { gone, join }
}

test('while more is to come, so many go on together', async () => {
  const { gone, join } = joining(3)
  const first = [join('a', 1), join('b', 1)]
  await Promise.resolve()
  expect(gone).toEqual([])
  await Promise.all([...first, join('c', 1)])
  expect(gone.toSorted()).toEqual(['a', 'b', 'c'])
})

test('the last takes along whoever waits', async () => {
  const { gone, join } = joining(10)
  await Promise.all([join('a', 2), join('b', 1), join('last', 0)])
  expect(gone.toSorted()).toEqual(['a', 'b', 'last'])
})

test('who comes alone waits for nobody', async () => {
  const { gone, join } = joining(10)
  await join('a', 0)
  await join('b', 0)
  expect(gone).toEqual(['a', 'b'])
})

test.for([
  { waiting: 100, together: 8 },
  { waiting: 12, together: 6 },
  { waiting: 5, together: 3 },
])('of $waiting that end one by one $together go on together first', async ({ waiting, together }) => {
  const { gone, join } = joining(2, 8)
  for (let ended = 1; gone.length === 0; ended++) {
    void join(`${ended}`, waiting - ended)
    await new Promise(setImmediate)
  }
  expect(gone).toHaveLength(together)
})
