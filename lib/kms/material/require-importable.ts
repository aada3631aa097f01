import type { LockedKey } from '../keys/lock-key.ts'
import { KmsError } from '../model/errors.ts'
import { keySpecs } from '../model/key-spec.ts'

/**
 * Refuses a key whose material does not come and go with imports: default keys, keys with KMS material, and replicas,
 * whose material is their primary's.
 *
 * @throws {KmsError} defaultKey, originNotExternal, notPrimaryRegion
 */
export function requireExternal(key: LockedKey): void {
  if (key.is_default) throw new KmsError('defaultKey')
  if (key.origin !== 'external') throw new KmsError('originNotExternal')
  if (key.primary_key_id !== null) throw new KmsError('notPrimaryRegion')
}

/**
 * Refuses a key into which nothing can be imported now. A key Pending import takes its material; an Enabled symmetric
 * one takes the material it will be rotated to on demand (Huawei KMS, importing key material; rotating keys).
 *
 * @throws {KmsError} defaultKey, originNotExternal, notPrimaryRegion, notPendingImport
 */
export function requireImportable(key: LockedKey): void {
  requireExternal(key)
  const ahead = key.state === '2' && keySpecs[key.spec].kind === 'symmetric'
  if (key.state !== '5' && !ahead) throw new KmsError('notPendingImport')
}
