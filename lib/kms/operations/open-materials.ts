import type { EnvelopeBinding } from '../crypto/envelope.ts'
import type { KeyMaterial } from '../crypto/key-material.ts'
import { openMaterial } from '../crypto/sealed-material.ts'
import type { LockedKey } from '../keys/lock-key.ts'
import { KmsError } from '../model/errors.ts'
import { materialShape } from '../model/key-spec.ts'
import { openAccountKey } from '../root-key/account-key.ts'
import type { Tx } from '../transaction.ts'

/** The material of a locked key, opened when asked for. */
export type OpenedMaterial = {
  /** Version that new ciphertexts, signatures and MACs use. */
  currentVersion: number
  /** Opened material of a version; disposed of when the use ends. `ciphertextInvalid` when there is no such version. */
  material: (version: number) => KeyMaterial
  /** What binds symmetric ciphertexts of a version. */
  binding: (version: number) => EnvelopeBinding
}

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
 * @param opened disposes of everything that is opened
 * @throws {KmsError} keyPendingImport when a version is missing
 */
export async function openMaterials(
  tx: Tx,
  key: LockedKey,
  opened: DisposableStack,
): Promise<OpenedMaterial> {
  const { accountId } = tx.ctx
  const setId = key.material_set_id
  const rows = await tx.sql.$queryRaw<VersionRow[]>`
    SELECT m.version, m.sealed, m.activated_at, m.expires_at, a.sealed_key AS account_key
    FROM material_version m JOIN account a ON a.id = m.account_id
    WHERE m.account_id = ${accountId}::uuid AND m.set_id = ${setId}::uuid ORDER BY m.version DESC`
  const used = rows.filter((row) => row.activated_at !== null)
  const usable = used.filter((row) => row.sealed && (row.expires_at === null || row.expires_at > tx.now))
  const [current] = usable
  if (!current || usable.length < used.length) throw new KmsError('keyPendingImport')
  const accountKey = opened.use(openAccountKey(tx.ctx.rootKey, accountId, current.account_key))
  const shape = materialShape(key.spec)
  return {
    currentVersion: current.version,
    material: (version) => {
      const row = usable.find((candidate) => candidate.version === version)
      if (!row?.sealed) throw new KmsError('ciphertextInvalid')
      return opened.use(openMaterial(accountKey, { accountId, setId, version, spec: key.spec }, row.sealed))
    },
    binding: (version) => ({
      cipher: shape.type === 'secret' && 'cipher' in shape ? shape.cipher : 'aes-256-gcm',
      accountId,
      setId,
      materialVersion: version,
    }),
  }
}
