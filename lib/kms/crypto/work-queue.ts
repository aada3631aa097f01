import { KmsError } from '#lib/kms/model/errors.ts'

/** What the metrics tell: tasks begun and not ended, tasks that wait for their turn, tasks refused since the start. */
export type WorkStatistics = { running: number; waiting: number; refused: number }

/**
 * Runs so many tasks at once, the others in the order of the calls, and never has more than so much work before it.
 * Whoever is told "busy" at once can try elsewhere; whoever waits for minutes cannot tell that from a hang.
 *
 * Where tasks differ the work is told as a time: a hundred RSA_4096 signatures keep a caller waiting as long as five
 * thousand on P-256. Where they are alike each costs 1, and the bound is how many may run and wait.
 */
export class WorkQueue {
  readonly #runningMax: number
  readonly #backlogMax: number
  readonly #waiting: (() => void)[] = []
  readonly #untilIdle: (() => void)[] = []
  #running = 0
  #backlog = 0
  #refused = 0

  /** @param backlogMax the most that everything that runs or waits may cost together, in the unit of the costs */
  constructor({ runningMax, backlogMax }: { runningMax: number; backlogMax: number }) {
    this.#runningMax = runningMax
    this.#backlogMax = backlogMax
  }

  get statistics(): WorkStatistics {
    return { running: this.#running, waiting: this.#waiting.length, refused: this.#refused }
  }

  /**
   * Runs the task when its turn has come.
   *
   * @param cost its estimated work, in milliseconds of one core; or 1
   * @throws {KmsError} `busy`, with the `seconds` after which to try again, if the work before it is too much already;
   *   else whatever the task throws
   */
  async run<T>(cost: number, task: () => Promise<T>): Promise<T> {
    // An idle queue takes a task of any cost: one that could never run would be refused for ever.
    if (this.#backlog > 0 && this.#backlog + cost > this.#backlogMax) {
      this.#refused += 1
      throw new KmsError('busy', { values: { seconds: 1 } })
    }
    this.#backlog += cost
    if (this.#running < this.#runningMax) this.#running += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await task()
    } finally {
      this.#finished(cost)
    }
  }

  /** Resolves when nothing runs or waits. */
  async idle(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => this.#untilIdle.push(resolve))
  }

  #finished(cost: number): void {
    this.#backlog -= cost
    // The place is handed to the next in line without becoming free, so that nobody can jump the queue.
    const next = this.#waiting.shift()
    if (next) next()
    else this.#running -= 1
    if (this.#running > 0) return
    // Sums of fractions drift.
    this.#backlog = 0
    for (const resolve of this.#untilIdle.splice(0)) resolve()
  }
}
