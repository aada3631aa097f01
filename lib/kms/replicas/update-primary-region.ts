import type { KmsContext } from '../context.ts'
import { awaitOpenInvalidations, openInvalidation } from '../invalidations/open-invalidation.ts'
import { changeKey, type KeyInProject, requireNotPendingDeletion } from '../keys/change-key.ts'
import { KmsError } from '../model/errors.ts'

/**
 * Makes the replica in another region the primary; the present primary becomes its replica, and so does every other
 * replica (Huawei KMS, multi-region keys). Rotation settings move with the role.
 *
 * @throws {KmsError} replicaReadOnly when called on a replica, replicaRegionInvalid when no usable replica is there,
 *   keyPendingDeletion, and those of changeKey
 */
export function updatePrimaryRegion(
  ctx: KmsContext,
  input: KeyInProject & { primaryRegion: string },
): Promise<{ keyId: string; primaryRegion: string }> {
  const verb = { action: 'kms:cmk:updatePrimaryRegion', event: 'updatePrimaryRegion' } as const
  return changeKey(ctx, input, verb, async (tx, key) => {
    const { accountId } = ctx
    if (key.primary_key_id !== null) {
      // Its primary may have become that by the same call before.
      await awaitOpenInvalidations(tx, 'key', key.primary_key_id)
      throw new KmsError('replicaReadOnly')
    }
    requireNotPendingDeletion(key)
    const [next] = await tx.sql.$queryRaw<{ id: string }[]>`
      SELECT k.id FROM key k JOIN project p ON p.account_id = k.account_id AND p.id = k.project_id
      WHERE k.account_id = ${accountId}::uuid AND k.primary_key_id = ${key.id}::uuid AND p.region_id = ${input.primaryRegion}
        AND k.state <> '4' FOR UPDATE OF k`
    if (!next) throw new KmsError('replicaRegionInvalid', { field: 'primary_region' })
    await tx.sql.$executeRaw`
      UPDATE key SET primary_key_id = CASE WHEN id = ${next.id}::uuid THEN NULL ELSE ${next.id}::uuid END,
        revision = revision + CASE WHEN id = ${key.id}::uuid THEN 0 ELSE 1 END
      WHERE account_id = ${accountId}::uuid AND (id = ${key.id}::uuid OR primary_key_id = ${key.id}::uuid)`
    await tx.sql.$executeRaw`
      UPDATE key_rotation SET key_id = ${next.id}::uuid WHERE account_id = ${accountId}::uuid AND key_id = ${key.id}::uuid`
    await openInvalidation(tx, 'key', next.id)
    return {
      result: { keyId: key.id, primaryRegion: input.primaryRegion },
      details: { primaryRegion: input.primaryRegion, primary: next.id },
    }
  })
}
