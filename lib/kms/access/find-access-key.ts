import { createSecretKey, type KeyObject } from 'node:crypto'
import type { EntryName } from '../cache/entry.ts'
import { readThrough } from '../cache/read-through.ts'
import type { KmsContext } from '../context.ts'
import { KeyMaterial } from '../crypto/key-material.ts'
import { subjectOf } from '../invalidations/subject.ts'
import type { RootKey } from '../root-key/root-key.ts'
import { openSecret, type SecretPurpose, sealSecret } from '../root-key/sealed-secret.ts'
import { inSystemTransaction } from '../transaction.ts'

/** A user on whose behalf a program calls. */
export type CallingUser = { accountId: string; userId: string; name: string }

/** What is needed to check a signature. */
export type FoundAccessKey = {
  /** Null: no such key, or its user is suspended; `secret` is then a random one that no caller knows. */
  user: CallingUser | null
  /** The secret access key. */
  secret: KeyObject
  /** The database clock, against which the date of a signature is held. */
  now: Date
}

/** Where callers are looked up: from the cache, if the operation reads from it, else from the database. */
export type CallerLookUp = Pick<KmsContext, 'db' | 'rootKey' | 'cache' | 'reading'>

const nameOf = (id: string): EntryName<{ user: CallingUser; secret: KeyObject }> => `access-key ${id}`

const decoys = new WeakMap<RootKey, Uint8Array>()

/**
 * Looks up the secret of an access key by its id, before an account is known. For an unknown id a secret is opened all
 * the same, one that nobody has, so that the caller's check fails like a wrong signature; only a key in use is cached.
 *
 * @throws {ReadAgain} when it changed while it was loaded
 */
export async function findAccessKey(look: CallerLookUp, id: string): Promise<FoundAccessKey> {
  const { rootKey } = look
  const loaded = { at: null as Date | null }
  const found = await readThrough(look, nameOf(id), async () => {
    const { row, now } = await inSystemTransaction(look.db, 'access-key', async (sql, clock) => {
      const accessKey = await sql.accessKey.findUnique({ where: { id }, include: { user: true } })
      return { row: accessKey, now: clock }
    })
    loaded.at = now
    if (row?.status !== 'active' || row.user.status !== 'active') return null
    const { accountId, userId } = row
    return {
      value: {
        user: { accountId, userId, name: row.user.name },
        secret: keyOf(rootKey, `access key ${row.id}`, row.sealedSecret),
      },
      subjects: [subjectOf('access-key', accountId, id), subjectOf('user', accountId, userId)],
    }
  })
  const now = loaded.at ?? look.cache?.databaseNow()
  if (!now) throw new Error('an access key was neither loaded nor cached')
  return { ...(found ?? { user: null, secret: keyOf(rootKey, 'access key ', decoyOf(rootKey)) }), now }
}

function keyOf(rootKey: RootKey, purpose: SecretPurpose, sealed: Uint8Array): KeyObject {
  using secret = openSecret(rootKey, purpose, sealed)
  return createSecretKey(secret.reveal())
}

function decoyOf(rootKey: RootKey): Uint8Array {
  const known = decoys.get(rootKey)
  if (known) return known
  using nobodys = KeyMaterial.random(40)
  const sealed = sealSecret(rootKey, 'access key ', nobodys)
  decoys.set(rootKey, sealed)
  return sealed
}
