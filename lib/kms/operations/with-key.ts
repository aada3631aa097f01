import type { KmsContext } from '../context.ts'
import type { EnvelopeBinding } from '../crypto/envelope.ts'
import type { KeyMaterial } from '../crypto/key-material.ts'
import { openMaterial } from '../crypto/sealed-material.ts'
import { type LockedKey, lockKey } from '../keys/lock-key.ts'
import { type ErrorCode, KmsError } from '../model/errors.ts'
import { materialShape } from '../model/key-spec.ts'
import { type KeyUse, keyUses, refusalOfUse } from '../model/key-use.ts'
import { can } from '../model/permissions.ts'
import { openAccountKey } from '../root-key/account-key.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import { recordUse } from '../usage/record-use.ts'
import { findGrant } from './find-grant.ts'

/** A key that may be used until the callback returns: its row is locked against every change. */
export type UsableKey = LockedKey & {
  /** Account that owns the key: the caller's, or the one that granted the use. */
  accountId: string
  /** Version that new ciphertexts, signatures and MACs use. */
  currentVersion: number
  /** Opened material of a version; disposed of when the use ends. `ciphertextInvalid` when there is no such version. */
  material: (version: number) => KeyMaterial
  /** What binds symmetric ciphertexts of a version. */
  binding: (version: number) => EnvelopeBinding
}

export type UseInput = {
  projectId: string
  /** Id, alias or URN; or the material set that a ciphertext names. */
  key: { keyId: string } | { setId: string }
}

/**
 * The gate of every cryptographic use of a key, uncached: permission or grant first, then state and usage; then the
 * crypto while the key, the grant and the user are locked against change, and the answer only if the commit succeeded.
 * So nothing that begins after Disable has returned succeeds. Every use and every refusal is recorded.
 *
 * @param work the crypto; it must not wait for anything but the CPU
 * @throws {KmsError} notPermitted, keyIdInvalid, keyNotFound, keyDisabled, keyPendingDeletion, keyPendingImport,
 *   a code of `refusalOfUse`, and what `work` throws
 */
export async function withKey<T>(
  ctx: KmsContext,
  use: KeyUse,
  input: UseInput,
  work: (key: UsableKey) => T | Promise<T>,
): Promise<T> {
  const seen: { key: LockedKey | null; accountId: string } = { key: null, accountId: ctx.accountId }
  try {
    const result = await inTransaction(
      ctx,
      async (tx) => {
        const { tx: owner, key } = await admit(tx, use, input)
        seen.key = key
        seen.accountId = owner.ctx.accountId
        requireUsable(use, key)
        return withMaterial(owner, key, work)
      },
      { write: true },
    )
    recordUse(ctx, { use, accountId: seen.accountId, key: seen.key, refused: null })
    return result
  } catch (error) {
    if (error instanceof KmsError) {
      recordUse(ctx, { use, accountId: seen.accountId, key: seen.key, refused: error.code })
    }
    throw error
  }
}

/** Who may use it: a right in the project, else a grant, also one from another account. */
async function admit(tx: Tx, use: KeyUse, input: UseInput): Promise<{ tx: Tx; key: LockedKey }> {
  const { action, grant } = keyUses[use]
  const mayAll = can(tx.rights, action, { projectId: input.projectId })
  if (mayAll) {
    const own = await lockKey(tx, input.projectId, await keyIdOf(tx, input), 'use').catch(orNotFound)
    if (own) return { tx, key: own }
  }
  const granted = grant === null ? null : await findGrant(tx, grant, input)
  if (granted) return granted
  throw new KmsError(mayAll ? 'keyNotFound' : 'notPermitted')
}

function orNotFound(error: unknown): null {
  if (error instanceof KmsError && error.code === 'keyNotFound') return null
  throw error
}

async function keyIdOf(tx: Tx, input: UseInput): Promise<string> {
  if ('keyId' in input.key) return input.key.keyId
  const [row] = await tx.sql.$queryRaw<{ id: string }[]>`
    SELECT id FROM key WHERE account_id = ${tx.ctx.accountId}::uuid AND project_id = ${input.projectId}
      AND material_set_id = ${input.key.setId}::uuid`
  if (!row) throw new KmsError('keyNotFound')
  return row.id
}

const stateRefusals: Record<LockedKey['state'], ErrorCode | null> = {
  '2': null,
  '3': 'keyDisabled',
  '4': 'keyPendingDeletion',
  '5': 'keyPendingImport',
}

function requireUsable(use: KeyUse, key: LockedKey): void {
  const refusal = stateRefusals[key.state] ?? refusalOfUse(use, key)
  if (refusal) throw new KmsError(refusal)
}

type VersionRow = {
  version: number
  sealed: Uint8Array | null
  activated_at: Date | null
  expires_at: Date | null
}

async function withMaterial<T>(tx: Tx, key: LockedKey, work: (key: UsableKey) => T | Promise<T>): Promise<T> {
  const { accountId } = tx.ctx
  const rows = await tx.sql.$queryRaw<(VersionRow & { account_key: Uint8Array })[]>`
    SELECT m.version, m.sealed, m.activated_at, m.expires_at, a.sealed_key AS account_key
    FROM material_version m JOIN account a ON a.id = m.account_id
    WHERE m.account_id = ${accountId}::uuid AND m.set_id = ${key.material_set_id}::uuid ORDER BY m.version DESC`
  const usable = rows.filter((row) => row.sealed && (row.expires_at === null || row.expires_at > tx.now))
  const current = usable.find((row) => row.activated_at !== null)
  if (!current) throw new KmsError('keyPendingImport')
  using opened = new DisposableStack()
  const accountKey = opened.use(openAccountKey(tx.ctx.rootKey, accountId, current.account_key))
  const shape = materialShape(key.spec)
  return await work({
    ...key,
    accountId,
    currentVersion: current.version,
    material: (version) => {
      const row = usable.find((candidate) => candidate.version === version)
      if (!row?.sealed) throw new KmsError('ciphertextInvalid')
      const place = { accountId, setId: key.material_set_id, version, spec: key.spec }
      return opened.use(openMaterial(accountKey, place, row.sealed))
    },
    binding: (version) => ({
      cipher: shape.type === 'secret' && 'cipher' in shape ? shape.cipher : 'aes-256-gcm',
      accountId,
      setId: key.material_set_id,
      materialVersion: version,
    }),
  })
}
