import { requireRight } from '../access/require-right.ts'
import { attempted } from '../audit/attempted.ts'
import { recordEvents } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import type { KeyInProject } from '../keys/change-key.ts'
import { lockKeySet } from '../keys/lock-key-set.ts'
import { isRefusal, KmsError } from '../model/errors.ts'
import { keySpecs } from '../model/key-spec.ts'
import type { KeyState } from '../model/key-state.ts'
import { inTransaction } from '../transaction.ts'
import { awaitSet, changeSet, stateAfter } from './change-set.ts'
import { materialGone } from './material-gone.ts'
import { requireExternal } from './require-importable.ts'
import { vacuumMaterial } from './vacuum-material.ts'

/**
 * Deletes the imported material of an Enabled or Disabled symmetric key, which waits for import again, and with it its
 * replicas. Its fingerprints stay: only the identical material can be imported (Huawei KMS, deleting key material). That
 * it is gone already holds on every instance, as its deletion does.
 *
 * @throws {KmsError} notPermitted without `kms:cmk:deleteMaterial`, keyIdInvalid, keyNotFound, defaultKey,
 *   originNotExternal, notPrimaryRegion, asymmetricMaterialCannotBeDeleted, materialCannotBeDeletedNow;
 *   unconfirmed: saved, but an instance may not know of it yet
 */
export async function deleteMaterial(
  ctx: KmsContext,
  input: KeyInProject,
): Promise<{ keyId: string; state: KeyState }> {
  const event = 'deleteImportedKeyMaterial'
  const attempt = { action: event, resourceId: input.keyId.slice(0, 300), projectId: input.projectId }
  const deleted = await attempted(ctx, attempt, () =>
    inTransaction(
      ctx,
      async (tx) => {
        requireRight(tx, 'kms:cmk:deleteMaterial', input.projectId)
        const set = await lockKeySet(tx, input.projectId, input.keyId)
        const { key } = set
        requireExternal(key)
        if (keySpecs[key.spec].kind === 'asymmetric') throw new KmsError('asymmetricMaterialCannotBeDeleted')
        if (key.state !== '2' && key.state !== '3') {
          await awaitSet(tx, set)
          throw new KmsError('materialCannotBeDeletedNow')
        }
        const { accountId } = ctx
        const setId = key.material_set_id
        // What waits for rotation has sealed nothing, so nothing needs the identical material again.
        await tx.sql.materialVersion.deleteMany({ where: { accountId, setId, activatedAt: null } })
        const { count } = await tx.sql.materialVersion.updateMany({
          where: { accountId, setId, sealed: { not: null } },
          data: { sealed: null, expiresAt: null },
        })
        const events = await changeSet(tx, set, materialGone, { action: event, details: { versions: count } })
        await recordEvents(tx, events)
        return { keyId: key.id, state: stateAfter(key, materialGone) }
      },
      { write: true },
    ),
  ).catch(async (error: unknown) => {
    // It may be deleted although that is not confirmed everywhere.
    if (!isRefusal(error)) await vacuumMaterial(ctx.db)
    throw error
  })
  await vacuumMaterial(ctx.db)
  return deleted
}
