import type { LockedKey } from '../keys/lock-key.ts'
import type { KeyUse } from '../model/key-use.ts'
import type { NamedKey } from './find-key.ts'
import type { OpenedSet } from './opened-set.ts'

/** A key that may be used until the callback of the gate returns. */
export type UsableKey = LockedKey & {
  /** Account that owns the key: the caller's, or the one that granted the use. */
  accountId: string
  material: OpenedSet
}

/** What a key is wanted for, and which. */
export type WantedUse = { use: KeyUse; key: NamedKey }
