import { expect, test } from 'vitest'
import { KmsError } from '#lib/kms/model/errors.ts'
import { WorkQueue } from './work-queue.ts'

const busy = new KmsError('busy', { values: { seconds: 1 } })

/** Tasks that note that they began and end when told. */
function tasks() {
  const begun: string[] = []
  const ends = new Map<string, PromiseWithResolvers<string>>()
  const task = (name: string) => () => {
    begun.push(name)
    const end = Promise.withResolvers<string>()
    ends.set(name, end)
    return end.promise
  }
  return {
    begun,
    task,
    finish: (name: string) => ends.get(name)?.resolve(name),
    fail: (name: string) => ends.get(name)?.reject(new Error(name)),
  }
}

test('so many run, the others follow in the order of the calls', async () => {
  const queue = new WorkQueue({ runningMax: 2, backlogMax: 100 })
  const { begun, task, finish } = tasks()
  const answers = ['a', 'b', 'c', 'd'].map((name) => queue.run(1, task(name)))
  expect(begun).toEqual(['a', 'b'])
  expect(queue.statistics).toEqual({ running: 2, waiting: 2, refused: 0 })
  finish('b')
  expect(await answers[1]).toBe('b')
  await expect.poll(() => begun).toEqual(['a', 'b', 'c'])
  finish('a')
  await expect.poll(() => begun).toEqual(['a', 'b', 'c', 'd'])
  finish('c')
  finish('d')
  expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'd'])
  expect(queue.statistics).toEqual({ running: 0, waiting: 0, refused: 0 })
})

test('work beyond the bound is refused at once, and accepted again when there is less', async () => {
  const queue = new WorkQueue({ runningMax: 1, backlogMax: 10 })
  const { begun, task, finish } = tasks()
  const first = queue.run(4, task('a'))
  const second = queue.run(6, task('b'))
  await expect(queue.run(0.1, task('c'))).rejects.toEqual(busy)
  expect(queue.statistics).toEqual({ running: 1, waiting: 1, refused: 1 })
  finish('a')
  await first
  const third = queue.run(4, task('d'))
  await expect(queue.run(0.1, task('e'))).rejects.toEqual(busy)
  await expect.poll(() => begun).toEqual(['a', 'b'])
  finish('b')
  await second
  await expect.poll(() => begun).toEqual(['a', 'b', 'd'])
  finish('d')
  expect(await third).toBe('d')
  expect(queue.statistics.refused).toBe(2)
})

test('one task that costs more than the bound runs when nothing else does', async () => {
  const queue = new WorkQueue({ runningMax: 1, backlogMax: 10 })
  expect(await queue.run(1_000, async () => 'done')).toBe('done')
  expect(await queue.run(1_000, async () => 'again')).toBe('again')
})

test('a task that fails, or throws at once, gives its place to the next and its share back', async () => {
  const queue = new WorkQueue({ runningMax: 1, backlogMax: 10 })
  const { task, finish, fail, begun } = tasks()
  const failing = expect(queue.run(5, task('a'))).rejects.toThrow('a')
  const next = queue.run(5, task('next'))
  fail('a')
  await failing
  await expect.poll(() => begun).toEqual(['a', 'next'])
  finish('next')
  expect(await next).toBe('next')
  const throwing = queue.run(10, () => {
    throw new Error('b')
  })
  await expect(throwing).rejects.toThrow('b')
  expect(await queue.run(10, async () => 'c')).toBe('c')
})

test('idle waits for what runs and for what waits', async () => {
  const queue = new WorkQueue({ runningMax: 1, backlogMax: 10 })
  await queue.idle()
  const order: string[] = []
  const { task, finish, begun } = tasks()
  const answers = ['a', 'b'].map(async (name) => order.push(await queue.run(1, task(name))))
  const idle = queue.idle().then(() => order.push('idle'))
  finish('a')
  await expect.poll(() => begun).toEqual(['a', 'b'])
  expect(order).toEqual(['a'])
  finish('b')
  await Promise.all([...answers, idle])
  expect(new Set(order)).toEqual(new Set(['a', 'b', 'idle']))
})
