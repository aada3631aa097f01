import type { KmsContext } from '../context.ts'
import type { Subject } from '../invalidations/subject.ts'
import type { EntryName } from './entry.ts'
import { ReadAgain } from './read-again.ts'

/** What a load found, ready to be kept. */
export type Loaded<T> = {
  /** What may be used; nothing that must be disposed of, since it may not be kept. */
  value: T
  /** Everything it was made from: it is dropped when one of them changes. */
  subjects: readonly Subject[]
  /** The moment from which it may not be used, by the database clock; left out: none. */
  endsAt?: Date
}

/**
 * What is known under a name, else what `load` finds in the database. An operation that reads from the cache reads from
 * there also what it has just loaded, so that its second look notices when that is dropped or has ended; for any other
 * nothing is kept. Only what is usable is cached, never a refusal (docs/decisions/0007-leases.md, "Enable does not wait").
 *
 * @param load reads at READ COMMITTED, and nothing before it is called. Null: there is none that may be used
 * @returns null: `load` found none
 * @throws {ReadAgain} when it changed, or the lease ended, while it was loaded; and what `load` throws
 */
export async function readThrough<T>(
  { cache, reading }: Pick<KmsContext, 'cache' | 'reading'>,
  name: EntryName<T>,
  load: () => Promise<Loaded<T> | null>,
): Promise<T | null> {
  const known = reading?.find(name)
  if (known !== undefined) return known
  const token = (reading && cache?.begin()) ?? null
  try {
    const loaded = await load()
    if (!loaded) return null
    const { value, subjects, endsAt = null } = loaded
    if (!reading) return value
    const kept = cache?.keep(token, name, value, subjects, endsAt) ? reading.find(name) : undefined
    if (kept === undefined) throw new ReadAgain()
    return kept
  } finally {
    cache?.end(token)
  }
}
