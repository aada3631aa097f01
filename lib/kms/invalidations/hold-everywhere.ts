import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '#lib/db/client.ts'
import { KmsError } from '../model/errors.ts'
import { leaseMilliseconds } from './lease-times.ts'

/** An instance that is awaited, and what this process has seen of it, in milliseconds of its own monotonic clock. */
type Awaited = { since: number; fencedSince: number | null }

type AwaitedRow = { id: string; name: string; fenced: boolean }

/**
 * One that has not acknowledged after this long is fenced. Living ones take some ten milliseconds; with the full lease
 * that follows, a change holds everywhere within four seconds even if an instance is dead: 800 leaves the looks and the
 * commits between them 200 (with 900 the slowest took 4.003 s, measured).
 */
const patienceMilliseconds = 800

/** Longest pause between two looks. */
const pauseMilliseconds = 16

/** Nothing should take longer than patience and lease together; what does cannot be confirmed now. */
const giveUpMilliseconds = 10_000

/**
 * Returns once no instance can still use what these invalidations are about, and closes them. Each instance that
 * registered is awaited until it has acknowledged; one that does not is fenced, and then a full lease is waited on this
 * process's own clock, so that no other clock decides anything. The row of a fenced instance is deleted only then: a
 * second change, whose process sees it fenced, waits as well, since the lease may still run.
 *
 * Call it after the commit of the change: an instance that registers later reads what the change wrote.
 *
 * @param invalidations ids; those that are closed, or were rolled back, are not waited for
 * @param until gives up earlier: true as soon as an instance had to be fenced, so that a person need not wait for it
 * @returns whether they hold everywhere; false only with `until`
 * @throws {KmsError} unconfirmed when the wait cannot finish; the invalidations stay open, and every instance obeys them
 */
export async function holdEverywhere(
  db: Database,
  invalidations: readonly bigint[],
  { until = 'end' }: { until?: 'end' | 'fenced' } = {},
): Promise<boolean> {
  if (invalidations.length === 0) return true
  const begun = performance.now()
  const awaited = new Map<string, Awaited>()
  let cause: unknown
  for (let look = 0; performance.now() - begun < giveUpMilliseconds; look++) {
    try {
      const rows = await closeInvalidations(db, invalidations)
      if (rows.length === 0) return true
      const acted = await shutOut(db, rows, awaited)
      if (until === 'fenced' && [...awaited.values()].some((one) => one.fencedSince !== null)) return false
      if (acted) continue
    } catch (error) {
      // The database may be back in a moment.
      cause = error
    }
    await pause(Math.min(pauseMilliseconds, 2 ** (look + 1)))
  }
  throw new KmsError('unconfirmed', { cause })
}

/** Closes what no instance can be unaware of; answers the instances that are awaited for the rest. */
function closeInvalidations(db: Database, invalidations: readonly bigint[]): Promise<AwaitedRow[]> {
  return db.$queryRaw<AwaitedRow[]>`SELECT * FROM keystead_close_invalidations(${invalidations}::bigint[])`
}

/** Fences who has been awaited for too long, and forgets who was fenced a full lease ago. Whether anything changed. */
async function shutOut(db: Database, rows: AwaitedRow[], awaited: Map<string, Awaited>): Promise<boolean> {
  const seen = performance.now()
  const late: string[] = []
  const ended: string[] = []
  for (const { id, fenced } of rows) {
    const one = awaited.get(id) ?? { since: seen, fencedSince: null }
    awaited.set(id, one)
    // Whenever it was fenced, that was committed before it was seen here.
    if (fenced) one.fencedSince ??= seen
    if (one.fencedSince === null && seen - one.since >= patienceMilliseconds) late.push(id)
    if (one.fencedSince !== null && seen - one.fencedSince >= leaseMilliseconds) ended.push(id)
  }
  if (late.length > 0) {
    await db.$queryRaw`SELECT keystead_fence_instances(${late}::uuid[])::text`
    const fencedSince = performance.now()
    for (const id of late) awaited.set(id, { since: seen, fencedSince })
  }
  if (ended.length > 0) {
    await db.$queryRaw`SELECT keystead_forget_instances(${ended}::uuid[])::text`
  }
  return ended.length > 0
}
