import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WorkerLost, WorkerPool } from './worker-pool.ts'

/** `wait` answers when told to through `go`, which is shared; the others tell of the thread, or end it. */
type Task = 'thread' | 'environment' | 'throw' | 'exit' | { wait: Int32Array }

const source = `
import { parentPort, threadId } from 'node:worker_threads'
parentPort.on('message', ({ id, task }) => {
  if (task === 'exit') process.exit(1)
  if (task === 'throw') throw new Error('the words')
  if (task === 'environment') return parentPort.postMessage({ id, result: Object.keys(process.env).join() })
  if (task.wait) Atomics.wait(task.wait, 0, 0)
  parentPort.postMessage({ id, result: String(threadId) })
})`

let folder = ''
let entry = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'worker-pool-'))
  entry = join(folder, 'worker.mjs')
  await writeFile(entry, source)
})
afterAll(() => rm(folder, { recursive: true }))

const gate = () => new Int32Array(new SharedArrayBuffer(4))
function open(wait: Int32Array): void {
  Atomics.store(wait, 0, 1)
  Atomics.notify(wait, 0)
}

test('a task runs in another thread, which the next task finds again', async () => {
  const pool = new WorkerPool<Task, string>(entry, 2)
  const thread = await pool.run('thread')
  expect(thread).not.toBe(String(threadId))
  expect(await pool.run('thread')).toBe(thread)
  expect(pool.threadIds.map(String)).toEqual([thread])
  await pool.close()
})

test('tasks at the same time have threads of their own, as many as there may be', async () => {
  const pool = new WorkerPool<Task, string>(entry, 2)
  const wait = gate()
  const answers = [1, 2, 3, 4].map(() => pool.run({ wait }))
  expect(pool.threadIds).toHaveLength(2)
  open(wait)
  const threads = await Promise.all(answers)
  expect(threads.toSorted()).toEqual(pool.threadIds.flatMap((id) => [String(id), String(id)]).toSorted())
  await pool.close()
})

test('started ahead, all are there', async () => {
  const pool = new WorkerPool<Task, string>(entry, 3)
  pool.start()
  expect(pool.threadIds).toHaveLength(3)
  await pool.close()
  expect(pool.threadIds).toEqual([])
})

test.each(['exit', 'throw'] as const)(
  'the tasks of a worker that dies by %s fail, those of others do not, and the next call works',
  async (death) => {
    const pool = new WorkerPool<Task, string>(entry, 2)
    const wait = gate()
    const other = pool.run({ wait })
    const dying = [pool.run(death), pool.run({ wait }), pool.run('thread')] as const
    const settled = Promise.allSettled(dying)
    await expect(dying[0]).rejects.toThrow(WorkerLost)
    open(wait)
    expect(Number(await other)).toBeGreaterThan(0)
    const outcomes = await settled
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(
      outcomes.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : [])).join(),
    ).not.toContain('the words')
    expect(Number(await pool.run('thread'))).toBeGreaterThan(0)
    await pool.close()
  },
)

test('a worker that cannot start fails the task with its reason, and so does each one after it', async () => {
  const pool = new WorkerPool<Task, string>(join(folder, 'absent.mjs'), 1)
  await expect(pool.run('thread')).rejects.toThrow(WorkerLost)
  await expect(pool.run('thread')).rejects.toThrow('MODULE_NOT_FOUND')
  await pool.close()
})

test('what cannot be copied fails by itself and leaves nothing behind', async () => {
  const pool = new WorkerPool<unknown, string>(entry, 1)
  await expect(pool.run(() => undefined)).rejects.toThrow()
  expect(Number(await pool.run('thread'))).toBeGreaterThan(0)
  await pool.close()
})

test('nothing of our environment reaches a worker', async () => {
  process.env.KMS_ROOT_KEY = 'canary'
  const pool = new WorkerPool<Task, string>(entry, 1)
  expect(await pool.run('environment')).toBe('NODE_ENV')
  delete process.env.KMS_ROOT_KEY
  await pool.close()
})

test('a closed pool takes nothing, and what it had is lost', async () => {
  const pool = new WorkerPool<Task, string>(entry, 1)
  const held = pool.run({ wait: gate() })
  const outcome = expect(held).rejects.toThrow(WorkerLost)
  await pool.close()
  await outcome
  await expect(pool.run('thread')).rejects.toThrow(WorkerLost)
})
