import type { LockedKey } from '../keys/lock-key.ts'
import { KmsError } from '../model/errors.ts'
import { keySpecs, materialShape } from '../model/key-spec.ts'

/**
 * Refuses a key whose kind cannot be rotated, and a replica, which is rotated with its primary (Huawei KMS, rotating
 * keys; error codes 0319, 0324 and 0325).
 *
 * @throws {KmsError} defaultKey, notPrimaryRegion, asymmetricCannotRotate, notForAsymmetric, rotationNotSupported
 */
export function requireRotatableKind(key: LockedKey): void {
  if (key.is_default) throw new KmsError('defaultKey')
  if (key.primary_key_id !== null) throw new KmsError('notPrimaryRegion')
  if (keySpecs[key.spec].rotatable) return
  const shape = materialShape(key.spec)
  if (shape.type === 'secret') throw new KmsError('rotationNotSupported')
  throw new KmsError(shape.keyType === 'rsa' ? 'asymmetricCannotRotate' : 'notForAsymmetric')
}

/**
 * Refuses a key that is not Enabled: while Disabled or pending deletion it is not rotated, and its setting is kept and
 * cannot be changed (Huawei KMS, rotating keys).
 *
 * @throws {KmsError} keyDisabled, keyPendingDeletion, keyPendingImport
 */
export function requireEnabled(key: LockedKey): void {
  if (key.state === '3') throw new KmsError('keyDisabled')
  if (key.state === '4') throw new KmsError('keyPendingDeletion')
  if (key.state === '5') throw new KmsError('keyPendingImport')
}

/** Refuses what cannot be rotated by the clock, now or ever. */
export function requireAutomatic(key: LockedKey): void {
  requireRotatableKind(key)
  if (key.origin === 'external') throw new KmsError('externalKeyCannotRotate')
  requireEnabled(key)
}
