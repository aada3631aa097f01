import type { Database } from '#lib/db/client.ts'
import { KeyMaterial } from '../crypto/key-material.ts'
import type { RootKey } from '../root-key/root-key.ts'
import { openSecret, sealSecret } from '../root-key/sealed-secret.ts'
import { inSystemTransaction } from '../transaction.ts'

/** A user on whose behalf a program calls. */
export type CallingUser = { accountId: string; userId: string; name: string }

/** What is needed to check a signature. */
export type FoundAccessKey = {
  /** Null: no such key, or its user is suspended; `secret` is then a random one that no caller knows. */
  user: CallingUser | null
  /** The secret access key; the caller disposes of it. */
  secret: KeyMaterial
  /** The database clock, against which the date of a signature is held. */
  now: Date
}

const decoys = new WeakMap<RootKey, Uint8Array>()

/**
 * Looks up the secret of an access key by its id, before an account is known. For an unknown id a secret is opened all
 * the same, one that nobody has, so that the caller's check takes as long and fails like a wrong signature.
 */
export async function findAccessKey(db: Database, rootKey: RootKey, id: string): Promise<FoundAccessKey> {
  const { row, now } = await inSystemTransaction(db, 'access-key', async (sql, clock) => {
    const found = await sql.accessKey.findUnique({ where: { id }, include: { user: true } })
    return { row: found, now: clock }
  })
  const usable = row?.status === 'active' && row.user.status === 'active' ? row : null
  const secret = usable
    ? openSecret(rootKey, `access key ${usable.id}`, usable.sealedSecret)
    : openSecret(rootKey, 'access key ', decoyOf(rootKey))
  const user = usable && { accountId: usable.accountId, userId: usable.userId, name: usable.user.name }
  return { user, secret, now }
}

function decoyOf(rootKey: RootKey): Uint8Array {
  const known = decoys.get(rootKey)
  if (known) return known
  using nobodys = KeyMaterial.random(40)
  const sealed = sealSecret(rootKey, 'access key ', nobodys)
  decoys.set(rootKey, sealed)
  return sealed
}
