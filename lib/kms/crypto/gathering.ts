/**
 * Lets what ends one by one go on together. An answer costs the event loop two to three times as much when it is made
 * alone, between two signatures that have taken the processor's caches for themselves, as when it is made with others.
 */
export class Gathering {
  readonly #most: number
  #held: (() => void)[] = []

  /** @param most so many go on together; none waits for more */
  constructor(most: number) {
    this.#most = most
  }

  /**
   * Resolves together with others; at once for the last, so that nobody waits for what does not come.
   *
   * @param moreToCome whether others are under way that will come here when they have ended, however they end
   */
  async join(moreToCome: boolean): Promise<void> {
    if (moreToCome && this.#held.length + 1 < this.#most) {
      await new Promise<void>((resolve) => this.#held.push(resolve))
      return
    }
    const held = this.#held
    this.#held = []
    for (const resolve of held) resolve()
  }
}
