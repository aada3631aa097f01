import { expect, test } from 'vitest'
import { KmsError } from '#lib/kms/model/errors.ts'
import { BoundedQueue } from './bounded-queue.ts'

/** A task that ends when told. */
function task(started: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  return {
    run: () => {
      started.push(name)
      return promise
    },
    finish: () => resolve(name),
    fail: () => reject(new Error(name)),
  }
}

test('runs so many at once, lets so many wait, and refuses the next at once', async () => {
  const queue = new BoundedQueue({ runningMax: 2, waitingMax: 1 })
  const started: string[] = []
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => task(started, name)) as [
    ReturnType<typeof task>,
    ReturnType<typeof task>,
    ReturnType<typeof task>,
    ReturnType<typeof task>,
  ]
  const running = [queue.run(a.run), queue.run(b.run), queue.run(c.run)]
  await expect(queue.run(d.run)).rejects.toEqual(new KmsError('busy'))
  expect(started).toEqual(['a', 'b'])
  a.finish()
  await running[0]
  await expect.poll(() => started).toEqual(['a', 'b', 'c'])
  const last = queue.run(d.run)
  b.finish()
  c.finish()
  d.finish()
  expect(await Promise.all([...running, last])).toEqual(['a', 'b', 'c', 'd'])
})

test('a task that fails gives its place to the next', async () => {
  const queue = new BoundedQueue({ runningMax: 1, waitingMax: 5 })
  const started: string[] = []
  const [a, b] = [task(started, 'a'), task(started, 'b')]
  const failing = expect(queue.run(a.run)).rejects.toThrow('a')
  const next = queue.run(b.run)
  a.fail()
  await failing
  b.finish()
  expect(await next).toBe('b')
  expect(await queue.run(async () => 'again')).toBe('again')
})
