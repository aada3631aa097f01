import { randomUUID } from 'node:crypto'
import type { Database } from '#lib/db/client.ts'
import type { KmsContext } from './context.ts'
import type { RootKey } from './root-key/root-key.ts'

/** The context in which a job works in one account. */
export function jobsContext(
  { db, rootKey, now }: { db: Database; rootKey: RootKey; now?: (databaseClock: Date) => Date },
  accountId: string,
): KmsContext {
  return {
    db,
    rootKey,
    accountId,
    actor: { kind: 'system', id: 'jobs', name: 'Keystead' },
    requestId: randomUUID(),
    sourceAddress: null,
    ...(now ? { now } : {}),
  }
}
