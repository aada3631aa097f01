import { requireRight } from '../access/require-right.ts'
import { attempted } from '../audit/attempted.ts'
import { recordEvents } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import type { KeyMaterial } from '../crypto/key-material.ts'
import { materialFingerprint } from '../crypto/sealed-material.ts'
import type { KeyInProject } from '../keys/change-key.ts'
import type { LockedKey } from '../keys/lock-key.ts'
import { type KeySet, lockKeySet } from '../keys/lock-key-set.ts'
import { isRefusal, KmsError } from '../model/errors.ts'
import { keySpecs } from '../model/key-spec.ts'
import type { KeyState } from '../model/key-state.ts'
import { limits } from '../model/limits.ts'
import { openOwnAccountKey } from '../root-key/open-own-account-key.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import { changeSet, stateAfter } from './change-set.ts'
import { openImportToken } from './import-token.ts'
import {
  findIdentical,
  insertVersion,
  type NewMaterial,
  readVersions,
  restoreVersion,
} from './material-versions.ts'
import { requireImportable } from './require-importable.ts'
import { unwrapMaterial, type WrappedMaterial } from './unwrap-material.ts'
import { openWrappingKey } from './wrapping-key.ts'

export type ImportMaterialInput = KeyInProject &
  WrappedMaterial & {
    importToken: Uint8Array
    /** Symmetric material only: unusable from this moment. Left out: it never expires. */
    expiresAt?: Date | undefined
  }

/**
 * Imports the material of an external key, wrapped with the key of the open set (Huawei KMS, importing key material).
 * The first import makes the material of the key and its replicas; after a deletion or expiry only the identical
 * material is taken. While the key is Enabled, new symmetric material waits for rotation on demand and nothing else
 * changes.
 *
 * Success consumes the set in its transaction. A failure behind the token, whatever it is, is counted and changes
 * nothing else; the tenth closes the set.
 *
 * @throws {KmsError} notPermitted without `kms:cmk:importMaterial`, keyIdInvalid, keyNotFound, defaultKey,
 *   originNotExternal, notPrimaryRegion, notPendingImport, expirationNotAllowed, expirationNotInFuture,
 *   privateKeyMissing, importTokenInvalid, importTokenOfOtherKey, importTokenExpired; behind the token
 *   privateKeyDecryptionFailed, materialLengthInvalid, temporaryKeyInvalid, privateKeyInvalid, materialDiffers;
 *   unconfirmed: saved, but an instance may not know of it yet
 */
export function importMaterial(
  ctx: KmsContext,
  input: ImportMaterialInput,
): Promise<{ keyId: string; state: KeyState }> {
  const attempt = {
    action: 'importKeyMaterial',
    resourceId: input.keyId.slice(0, 300),
    projectId: input.projectId,
  }
  return attempted(ctx, attempt, async () => {
    const outcome = await inTransaction(ctx, (tx) => tryImport(tx, input), { write: true })
    if (outcome instanceof KmsError) throw outcome
    return outcome
  })
}

/** A refusal that is answered, not thrown, leaves a committed count behind. */
async function tryImport(
  tx: Tx,
  input: ImportMaterialInput,
): Promise<{ keyId: string; state: KeyState } | KmsError> {
  requireRight(tx, 'kms:cmk:importMaterial', input.projectId)
  const set = await lockKeySet(tx, input.projectId, input.keyId)
  requireImportable(set.key)
  requireFittingInput(tx, set.key, input)
  using opened = new DisposableStack()
  const accountKey = opened.use(await openOwnAccountKey(tx))
  const wrappingKey = opened.use(await openRequest(tx, accountKey, set.key, input.importToken))
  try {
    const made = await unwrapMaterial(set.key.spec, wrappingKey, input)
    opened.use(made.material)
    return await store(tx, accountKey, set, made, input.expiresAt ?? null)
  } catch (error) {
    // Too busy to unwrap it is no failed try.
    if (!isRefusal(error)) throw error
    await countFailure(tx, set.key)
    return error
  }
}

function requireFittingInput(tx: Tx, key: LockedKey, input: ImportMaterialInput): void {
  const asymmetric = keySpecs[key.spec].kind === 'asymmetric'
  if (input.expiresAt && asymmetric) throw new KmsError('expirationNotAllowed', { field: 'expiration_time' })
  if (input.expiresAt && !(input.expiresAt > tx.now)) {
    throw new KmsError('expirationNotInFuture', { field: 'expiration_time' })
  }
  if (asymmetric && !input.wrappedPrivateKey?.byteLength) throw new KmsError('privateKeyMissing')
}

/**
 * The wrapping key of the key's open set, if the token belongs to it.
 *
 * @throws {KmsError} importTokenInvalid, also for a set that was replaced, used or closed; importTokenOfOtherKey;
 *   importTokenExpired
 */
async function openRequest(
  tx: Tx,
  accountKey: KeyMaterial,
  key: LockedKey,
  sealedToken: Uint8Array,
): Promise<KeyMaterial> {
  const { accountId } = tx.ctx
  const token = openImportToken(accountKey, accountId, sealedToken)
  if (!token) throw new KmsError('importTokenInvalid')
  if (token.keyId !== key.id) throw new KmsError('importTokenOfOtherKey')
  if (!(token.expiresAt > tx.now)) throw new KmsError('importTokenExpired')
  const request = await tx.sql.importRequest.findUnique({
    where: { accountId_keyId: { accountId, keyId: key.id }, id: token.requestId },
  })
  if (!request) throw new KmsError('importTokenInvalid')
  const place = { accountId, keyId: key.id, requestId: request.id }
  return openWrappingKey(accountKey, place, request.sealedWrappingKey)
}

async function countFailure(tx: Tx, key: LockedKey): Promise<void> {
  const where = { accountId: tx.ctx.accountId, keyId: key.id }
  await tx.sql.importRequest.updateMany({ where, data: { failures: { increment: 1 } } })
  await tx.sql.importRequest.deleteMany({ where: { ...where, failures: { gte: limits.importFailuresMax } } })
}

/** @throws {KmsError} materialDiffers before anything is written */
async function store(
  tx: Tx,
  accountKey: KeyMaterial,
  set: KeySet,
  made: NewMaterial,
  expiresAt: Date | null,
): Promise<{ keyId: string; state: KeyState }> {
  const { accountId } = tx.ctx
  const { key } = set
  const stored = await storeVersion(tx, accountKey, key, made, expiresAt)
  await tx.sql.importRequest.deleteMany({ where: { accountId, keyId: key.id } })
  const move = stored.complete ? ({ from: ['5'], to: '2' } as const) : null
  const events = await changeSet(tx, set, move, {
    action: 'importKeyMaterial',
    details: {
      version: stored.version,
      expiresAt: expiresAt?.toISOString() ?? null,
      ...(stored.waiting ? { waiting: true } : {}),
    },
  })
  await recordEvents(tx, events)
  return { keyId: key.id, state: stateAfter(key, move) }
}

type Stored = {
  version: number
  /** It waits for rotation. */
  waiting: boolean
  /** Whether every version that ciphertexts were sealed with can be opened again. */
  complete: boolean
}

async function storeVersion(
  tx: Tx,
  accountKey: KeyMaterial,
  key: LockedKey,
  made: NewMaterial,
  expiresAt: Date | null,
): Promise<Stored> {
  const { accountId } = tx.ctx
  const place = { setId: key.material_set_id, spec: key.spec }
  const versions = await readVersions(tx, place.setId)
  const used = versions.filter((version) => !version.waiting)
  const missing = used.filter((version) => !version.usable)
  if (used.length > 0 && missing.length === 0) {
    const identical = findIdentical(
      used,
      materialFingerprint(accountKey, { accountId, ...place }, made.material),
    )
    if (identical) throw new KmsError('notPendingImport')
    const version = Math.max(...used.map((one) => one.version)) + 1
    await tx.sql.materialVersion.deleteMany({ where: { accountId, setId: place.setId, activatedAt: null } })
    await insertVersion(tx, accountKey, { ...place, version }, made, { activatedAt: null, expiresAt })
    return { version, waiting: true, complete: false }
  }
  if (missing.length > 0) {
    const identical = findIdentical(
      missing,
      materialFingerprint(accountKey, { accountId, ...place }, made.material),
    )
    if (!identical) throw new KmsError('materialDiffers')
    const { version } = identical
    await restoreVersion(tx, accountKey, { ...place, version }, made.material, expiresAt)
    return { version, waiting: false, complete: missing.length === 1 }
  }
  await insertVersion(tx, accountKey, { ...place, version: 1 }, made, { activatedAt: tx.now, expiresAt })
  return { version: 1, waiting: false, complete: true }
}
