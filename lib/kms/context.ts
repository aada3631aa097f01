import type { Database } from '#lib/db/client.ts'
import type { RootKey } from '#lib/kms/root-key/root-key.ts'
import type { UseOfKey } from '#lib/kms/usage/record-use.ts'
import type { Reading } from './cache/reading.ts'
import type { SubjectCache } from './cache/subject-cache.ts'

/** Who acts: a user of the account, or Keystead itself (a job, the command line). */
export type Actor =
  | { kind: 'user'; id: string; name: string }
  | { kind: 'system'; id: 'jobs' | 'administration' | 'set-up'; name: string }

/**
 * What every verb is told: for whom it works and with what. A verb reads and writes only rows of `accountId`.
 */
export type KmsContext = {
  db: Database
  rootKey: RootKey
  /** UUID of the account. */
  accountId: string
  actor: Actor
  /** Names the request in logs, audit events and error messages. */
  requestId: string
  /** Address the request came from; null when there is none (a job, the command line). */
  sourceAddress: string | null
  /** Records uses of keys in batches; absent where none are made. */
  uses?: UseRecorder
  /** What this process knows without asking; only an instance with a lease has one. */
  cache?: SubjectCache
  /** What the operation that works in this context has read from the cache so far, beginning with who calls. */
  reading?: Reading
  /** Tests only: replaces the database clock that was read at the start of each transaction. */
  now?: (databaseClock: Date) => Date
}

/** Takes note of uses of keys; see `lib/kms/usage`. */
export type UseRecorder = { add: (ctx: KmsContext, use: UseOfKey) => void }
