import type { Subject } from '../invalidations/subject.ts'

declare const holds: unique symbol

/** Name of an entry, and the type of what it holds. */
export type EntryName<T> = string & { readonly [holds]?: T }

/** What is known of something, and on what that depends. Only what may be used is ever cached, never a refusal. */
export class Entry {
  readonly name: string
  readonly value: unknown
  readonly subjects: readonly Subject[]
  /** Milliseconds of the database clock from which it is out of date by itself; null: none. */
  readonly endsAt: number | null
  #live = true
  #uses = 0

  constructor(name: string, value: unknown, subjects: readonly Subject[], endsAt: number | null) {
    this.name = name
    this.value = value
    this.subjects = subjects
    this.endsAt = endsAt
  }

  /** Whether it has not been dropped. */
  get live(): boolean {
    return this.#live
  }

  /** Somebody begins to use what it holds: until as many `release` it is not overwritten, whoever drops it. */
  use(): void {
    this.#uses++
  }

  /** Ends what one `use` began. The last one overwrites what was dropped meanwhile. */
  release(): void {
    this.#uses--
    if (!this.#live && this.#uses === 0) this.#dispose()
  }

  /** It is not used any more; a secret in it is overwritten once the operations that hold it have ended. */
  drop(): void {
    if (!this.#live) return
    this.#live = false
    if (this.#uses === 0) this.#dispose()
  }

  #dispose(): void {
    const value = this.value as Partial<Disposable> | null
    value?.[Symbol.dispose]?.()
  }
}
