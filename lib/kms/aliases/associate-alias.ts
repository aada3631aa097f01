import type { KmsContext } from '../context.ts'
import { openInvalidation } from '../invalidations/open-invalidation.ts'
import { changeKey, requireNotPendingDeletion } from '../keys/change-key.ts'
import { notDue } from '../keys/key-row.ts'
import { KmsError } from '../model/errors.ts'
import { limits } from '../model/limits.ts'
import { can } from '../model/permissions.ts'
import { type AliasRow, type AliasView, requireAlias, toAliasView } from './alias-view.ts'

/**
 * Moves an existing alias of the region to another key; its old binding is gone at once (Huawei KMS, associate alias).
 * It takes `kms:alias:update` in both projects, as the callers of the one lose what those of the other gain.
 *
 * @throws {KmsError} aliasInvalid, aliasNotFound (also when the caller may not take it from where it is), aliasesTooMany, keyPendingDeletion, and those of changeKey
 */
export async function associateAlias(
  ctx: KmsContext,
  input: { projectId: string; alias: string; targetKeyId: string },
): Promise<AliasView> {
  requireAlias(input.alias)
  const target = { projectId: input.projectId, keyId: input.targetKeyId }
  return changeKey(ctx, target, { action: 'kms:alias:update', event: 'associateAlias' }, async (tx, key) => {
    requireNotPendingDeletion(key)
    const held = await tx.sql.keyAlias.count({
      where: { accountId: ctx.accountId, keyId: key.id, alias: { not: input.alias } },
    })
    if (held >= limits.aliasesPerKeyMax) throw new KmsError('aliasesTooMany')
    const [bound] = await tx.sql.$queryRaw<{ project_id: string }[]>`
      SELECT k.project_id FROM key_alias a JOIN key k ON k.account_id = a.account_id AND k.id = a.key_id
      WHERE a.account_id = ${ctx.accountId}::uuid AND a.region_id = ${key.region_id} AND a.alias = ${input.alias}
        AND ${notDue(tx.now)}
      FOR UPDATE OF a`
    if (!bound || !can(tx.rights, 'kms:alias:update', { projectId: bound.project_id })) {
      throw new KmsError('aliasNotFound', { field: 'alias' })
    }
    const [row] = await tx.sql.$queryRaw<[AliasRow]>`
      UPDATE key_alias SET key_id = ${key.id}::uuid, updated_at = ${tx.now}::timestamptz
      WHERE account_id = ${ctx.accountId}::uuid AND region_id = ${key.region_id} AND alias = ${input.alias}
      RETURNING *, (SELECT domain_id FROM account WHERE id = account_id) AS domain_id`
    await openInvalidation(tx, 'alias', `${key.region_id}/${input.alias}`)
    return { result: toAliasView(row), details: { alias: input.alias } }
  })
}
