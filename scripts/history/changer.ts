/** Changes something again and again, one change after the other, until it is stopped. */
export abstract class Changer {
  #stopped = false
  #work: Promise<void> = Promise.resolve()

  /** Returns when it was stopped; rejects when it cannot go on. */
  start(): Promise<void> {
    this.#work = this.#run()
    return this.#work
  }

  /** Lets the change under way finish. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#work
  }

  async #run(): Promise<void> {
    while (!this.#stopped) await this.change()
  }

  protected abstract change(): Promise<void>
}
