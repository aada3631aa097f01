/**
 * Lets what ends one by one go on together. An answer costs the event loop two to three times as much when it is made
 * alone, between two signatures that have taken the processor's caches for themselves, as when it is made with others.
 */
export class Gathering {
  readonly #few: number
  readonly #many: number
  #held: (() => void)[] = []

  /**
   * @param bounds.few so many go on together while anybody is still to come
   * @param bounds.many so many at most
   */
  constructor({ few, many }: { few: number; many: number }) {
    this.#few = few
    this.#many = many
  }

  /**
   * Resolves together with others; at once for the last, so that nobody waits for what does not come. The more are still
   * to come, the more go on together, but beyond `few` never more than are: so that those who work on them do not run dry
   * meanwhile.
   *
   * @param toCome how many are under way that will come here when they have ended, however they end
   */
  async join(toCome: number): Promise<void> {
    const together = Math.min(Math.max(toCome, this.#few), this.#many)
    if (toCome > 0 && this.#held.length + 1 < together) {
      await new Promise<void>((resolve) => this.#held.push(resolve))
      return
    }
    const held = this.#held
    this.#held = []
    for (const resolve of held) resolve()
  }
}
