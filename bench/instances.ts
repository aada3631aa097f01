import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'

/** Longer than an instance that was shut out takes to come back. */
const LONGEST = 20_000

/**
 * Waits until exactly so many processes may cache, so that a change waits for as many, and none is left to be shut out.
 *
 * @throws {Error} when that does not come to be
 */
export async function untilRegistered(connectionString: string, count: number): Promise<void> {
  const client = new Client({ connectionString })
  await client.connect()
  try {
    const begun = performance.now()
    for (;;) {
      const { rows } = await client.query<{ all: number; live: number }>(
        'SELECT count(*)::integer AS all, (count(*) FILTER (WHERE fenced_at IS NULL))::integer AS live FROM instance',
      )
      const [{ all, live } = { all: 0, live: 0 }] = rows
      if (all === count && live === count) return
      if (performance.now() - begun > LONGEST)
        throw new Error(`${live} of ${all} instances are live, not ${count}`)
      await pause(50)
    }
  } finally {
    await client.end()
  }
}
