/**
 * One load from the database under way. What is evicted meanwhile may be among what the load has read just before it
 * changed, so it must not be cached.
 */
export class LoadToken {
  readonly #poisoned = new Set<string>()
  #all = false

  /** The subject changed. */
  poison(subject: string): void {
    this.#poisoned.add(subject)
  }

  /** Everything that is cached was dropped. */
  poisonAll(): void {
    this.#all = true
  }

  /** Whether anything that depends on these subjects may be out of date. */
  isPoisoned(subjects: readonly string[]): boolean {
    return this.#all || subjects.some((subject) => this.#poisoned.has(subject))
  }
}
