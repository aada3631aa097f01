import type { KmsContext } from '../context.ts'
import type { LockedKey } from '../keys/lock-key.ts'
import type { ErrorCode } from '../model/errors.ts'
import type { KeyUse } from '../model/key-use.ts'

/** One use of a key, done or refused; never its data. */
export type UseOfKey = {
  use: KeyUse
  /** Account that owns the key. */
  accountId: string
  /** Null: refused before the key was known. */
  key: LockedKey | null
  refused: ErrorCode | null
}

/**
 * Hands a use to the process's recorder, which writes data events and counts in batches; it neither waits nor fails.
 * Without a recorder (a script, a test) nothing is recorded.
 */
export function recordUse(ctx: KmsContext, use: UseOfKey): void {
  ctx.uses?.add(ctx, use)
}
