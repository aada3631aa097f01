import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { KmsError } from '#lib/kms/model/errors.ts'
import type { DigestResult, DigestTask } from './digest-task.ts'
import { Gathering } from './gathering.ts'
import { WorkQueue, type WorkStatistics } from './work-queue.ts'
import { WorkerLost, WorkerPool } from './worker-pool.ts'

type DigestPool = WorkerPool<DigestTask, DigestResult>
type AsymmetricWork = { queue: WorkQueue; pool: DigestPool; gathering: Gathering }

/**
 * Four tasks for each core are with the threads, so that none idles until the event loop comes round to hand out the
 * next; the rest waits here and not in libuv's queue, where files and name lookups wait too. While there is a rest, as
 * many results go on together as it has tasks, within bounds. No more than a quarter of a second of work is taken on.
 */
const withThreadsMax = 4 * availableParallelism()

const open = (): AsymmetricWork => ({
  queue: new WorkQueue({
    runningMax: withThreadsMax,
    backlogMax: 250 * availableParallelism(),
  }),
  // Found from the working directory, which is the project for every way to start: inside a bundle the place of this
  // module says nothing.
  pool: new WorkerPool(join(process.cwd(), 'lib', 'kms', 'crypto', 'digest-worker.ts')),
  gathering: new Gathering({ few: withThreadsMax, many: 4 * withThreadsMax }),
})

const shared = Symbol.for('keystead.asymmetric')
const place = globalThis as { [shared]?: AsymmetricWork | undefined }

/** One per process: a bundle may hold several copies of this module, and each would take on work of its own. */
function work(): AsymmetricWork {
  place[shared] ??= open()
  return place[shared]
}

/**
 * Runs an operation with a private or public key that costs more than the event loop can give: in libuv's pool or in
 * one of our worker threads, as `task` does it. One queue bounds both, since both compute on the same cores. A task must
 * not call this itself: it would wait for a place while it holds one.
 *
 * @param cost in milliseconds of one core, such as `asymmetricCost` tells
 * @throws {KmsError} `busy`, with `seconds`, if there is too much to do already or a worker thread died; else what
 *   `task` throws
 */
export async function offLoop<T>(cost: number, task: (pool: DigestPool) => Promise<T>): Promise<T> {
  const { queue, pool, gathering } = work()
  let begun = false
  try {
    return await queue.run(cost, async () => {
      begun = true
      return task(pool)
    })
  } catch (error) {
    if (error instanceof WorkerLost) throw new KmsError('busy', { values: { seconds: 1 }, cause: error })
    throw error
  } finally {
    // Not who is refused, who must know at once.
    if (begun) await gathering.join(queue.statistics.waiting)
  }
}

/** What the metrics tell of asymmetric operations in this process. `threads`: worker threads that are alive. */
export function asymmetricStatistics(): WorkStatistics & { threads: number } {
  const { queue, pool } = work()
  return { ...queue.statistics, threads: pool.threadIds.length }
}

/** Starts the worker threads ahead of the first call. */
export function startAsymmetricWork(): void {
  work().pool.start()
}

/** Ends the worker threads once everything has been answered; an operation after this starts new ones. */
export async function closeAsymmetricWork(): Promise<void> {
  const closing = place[shared]
  place[shared] = undefined
  await closing?.queue.idle()
  await closing?.pool.close()
}
