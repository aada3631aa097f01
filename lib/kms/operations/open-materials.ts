import type { LockedKey } from '../keys/lock-key.ts'
import { KmsError } from '../model/errors.ts'
import type { Tx } from '../transaction.ts'
import { OpenedSet, type SealedVersion } from './opened-set.ts'

type VersionRow = {
  version: number
  sealed: Uint8Array | null
  activated_at: Date | null
  expires_at: Date | null
  account_key: Uint8Array
}

/**
 * Reads the versions of a key's material that may be used now. A version imported ahead opens nothing and seals
 * nothing before it is activated; an expired one is gone at its moment, even before it is deleted, and the key with it:
 * to go on with an older version would seal with material that was rotated away.
 *
 * @param tx in the name of the account that owns the key
 * @returns to be disposed of by the caller
 * @throws {KmsError} keyPendingImport when a version is missing
 */
export async function openMaterials(tx: Tx, key: LockedKey): Promise<OpenedSet> {
  const { accountId, rootKey } = tx.ctx
  const setId = key.material_set_id
  const rows = await tx.sql.$queryRaw<VersionRow[]>`
    SELECT m.version, m.sealed, m.activated_at, m.expires_at, a.sealed_key AS account_key
    FROM material_version m JOIN account a ON a.id = m.account_id
    WHERE m.account_id = ${accountId}::uuid AND m.set_id = ${setId}::uuid ORDER BY m.version DESC`
  const used = rows.filter((row) => row.activated_at !== null)
  const [current] = used
  const versions: SealedVersion[] = []
  let endsAt: Date | null = null
  for (const { version, sealed, expires_at: expiresAt } of used) {
    if (!sealed || (expiresAt !== null && expiresAt <= tx.now)) throw new KmsError('keyPendingImport')
    versions.push({ version, sealed })
    if (expiresAt !== null && (endsAt === null || expiresAt < endsAt)) endsAt = expiresAt
  }
  if (!current) throw new KmsError('keyPendingImport')
  return new OpenedSet({
    rootKey,
    accountId,
    setId,
    spec: key.spec,
    accountKey: current.account_key,
    versions,
    endsAt,
  })
}
