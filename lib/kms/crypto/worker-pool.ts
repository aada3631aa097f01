import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

/** What a pool posts to a worker and what it expects back. A failure is the name of an error and never its words. */
export type WorkerRequest<Task> = { id: number; task: Task }
export type WorkerReply<Result> = { id: number; result: Result } | { id: number; failure: string }

/** Thrown when a worker ended, or could not be started, before it answered, or when the pool was closed. */
export class WorkerLost extends Error {
  constructor(reason: string) {
    super(`The worker thread ${reason}`)
    this.name = 'WorkerLost'
  }
}

type Pending<Result> = { resolve: (result: Result) => void; reject: (error: Error) => void }
type Seat<Result> = { worker: Worker; pending: Map<number, Pending<Result>> }

/**
 * Worker threads, each started when all before it are at work and replaced when the next task finds it gone. A task
 * goes to the one with the least to do; whoever calls bounds how many there are. Idle workers keep no process alive.
 * Why not a library: docs/decisions/0008-work-off-the-event-loop.md.
 */
export class WorkerPool<Task, Result> {
  readonly #entry: string
  readonly #size: number
  readonly #seats = new Set<Seat<Result>>()
  #lastId = 0
  #closed = false

  /**
   * @param entry the worker's file, absolute. It answers every `WorkerRequest` with one `WorkerReply`.
   * @param size how many at most; one for each core unless told otherwise
   */
  constructor(entry: string, size: number = availableParallelism()) {
    this.#entry = entry
    this.#size = size
  }

  /** The workers that are alive, by their `threadId`. */
  get threadIds(): number[] {
    return [...this.#seats].map(({ worker }) => worker.threadId)
  }

  /**
   * Has a worker do the task.
   *
   * @param task is copied; a view is copied with all of the buffer it is a view of, so give it none of a shared one
   * @throws {WorkerLost} if the worker died meanwhile; the next call starts another
   */
  run(task: Task): Promise<Result> {
    if (this.#closed) return Promise.reject(new WorkerLost('was told to end'))
    const seat = this.#leastBusy()
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve, reject) => {
      // Throws, and so rejects, for what cannot be copied.
      seat.worker.postMessage({ id, task } satisfies WorkerRequest<Task>)
      seat.pending.set(id, { resolve, reject })
      // While an answer is awaited the worker keeps this process alive, like every open request.
      seat.worker.ref()
    })
  }

  /** Starts all workers, so that no caller waits for that. */
  start(): void {
    while (!this.#closed && this.#seats.size < this.#size) this.#open()
  }

  /** Ends the workers and takes no more tasks. What has no answer yet is lost, so let it end before. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#seats].map(({ worker }) => worker.terminate()))
  }

  #leastBusy(): Seat<Result> {
    let least: Seat<Result> | undefined
    for (const seat of this.#seats) {
      if (!least || seat.pending.size < least.pending.size) least = seat
    }
    return !least || (least.pending.size > 0 && this.#seats.size < this.#size) ? this.#open() : least
  }

  #open(): Seat<Result> {
    // Nothing of our environment, which may hold the root key, and none of our flags.
    const worker = new Worker(this.#entry, { env: { NODE_ENV: 'production' }, execArgv: [], argv: [] })
    const seat: Seat<Result> = { worker, pending: new Map() }
    this.#seats.add(seat)
    worker.on('message', (reply: WorkerReply<Result>) => this.#receive(seat, reply))
    worker.on('messageerror', () => void worker.terminate())
    worker.on('error', (error) => this.#lose(seat, `failed: ${nameOf(error)}`))
    worker.on('exit', () => this.#lose(seat, 'ended'))
    // After the listeners: to listen for messages refs it.
    worker.unref()
    return seat
  }

  #receive({ worker, pending }: Seat<Result>, reply: WorkerReply<Result>): void {
    const waiting = pending.get(reply.id)
    pending.delete(reply.id)
    if (pending.size === 0) worker.unref()
    if ('failure' in reply)
      waiting?.reject(new Error(`A worker thread could not do its task: ${reply.failure}`))
    else waiting?.resolve(reply.result)
  }

  #lose(seat: Seat<Result>, reason: string): void {
    if (!this.#seats.delete(seat)) return
    for (const { reject } of seat.pending.values()) reject(new WorkerLost(reason))
    seat.pending.clear()
  }
}

/** What an error is called, such as ERR_MODULE_NOT_FOUND: its words could hold what the worker worked on. */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error ? String(error.code) : error.name
}
