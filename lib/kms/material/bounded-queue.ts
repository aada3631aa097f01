import { KmsError } from '#lib/kms/model/errors.ts'

/**
 * Runs so many tasks at once and lets so many wait; one more is refused at once, because a caller who is told
 * "busy" can try again, and one who waits behind an endless queue cannot tell it from a hang.
 */
export class BoundedQueue {
  readonly #runningMax: number
  readonly #waitingMax: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor({ runningMax, waitingMax }: { runningMax: number; waitingMax: number }) {
    this.#runningMax = runningMax
    this.#waitingMax = waitingMax
  }

  /** How many tasks run and wait now. */
  get statistics(): { running: number; waiting: number } {
    return { running: this.#running, waiting: this.#waiting.length }
  }

  /**
   * Runs the task when its turn has come, in the order of the calls.
   *
   * @throws {KmsError} `busy` if too many are waiting; else whatever the task throws.
   */
  async run<T>(task: () => Promise<T>): Promise<T> {
    await this.#turn()
    try {
      return await task()
    } finally {
      // The place is handed to the next in line without becoming free, so that nobody can jump the queue.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }

  async #turn(): Promise<void> {
    if (this.#running < this.#runningMax) {
      this.#running += 1
      return
    }
    if (this.#waiting.length >= this.#waitingMax) throw new KmsError('busy')
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }
}
