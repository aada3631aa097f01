import type { KmsContext } from '../context.ts'
import { awaitOpenInvalidations } from '../invalidations/open-invalidation.ts'
import { changeKey, type KeyInProject, requireNotPendingDeletion } from '../keys/change-key.ts'
import { notDue } from '../keys/key-row.ts'
import { KmsError } from '../model/errors.ts'
import { limits } from '../model/limits.ts'
import { type AliasRow, type AliasView, requireAlias, toAliasView } from './alias-view.ts'

/**
 * Gives a key an alias: unique in the account and region, at most 50 per key (Huawei KMS, create alias).
 *
 * @throws {KmsError} aliasInvalid, aliasTaken, aliasesTooMany, keyPendingDeletion, and those of changeKey
 */
export async function createAlias(
  ctx: KmsContext,
  input: KeyInProject & { alias: string },
): Promise<AliasView> {
  requireAlias(input.alias)
  return changeKey(ctx, input, { action: 'kms:alias:create', event: 'createAlias' }, async (tx, key) => {
    requireNotPendingDeletion(key)
    // An instance may still know it as the alias of another key, which has just lost it.
    await awaitOpenInvalidations(tx, 'alias', `${key.region_id}/${input.alias}`)
    const held = await tx.sql.keyAlias.count({ where: { accountId: ctx.accountId, keyId: key.id } })
    if (held >= limits.aliasesPerKeyMax) throw new KmsError('aliasesTooMany')
    // A due key holds no name, whether or not it was destroyed yet.
    await tx.sql.$executeRaw`
      DELETE FROM key_alias a USING key k
      WHERE a.account_id = ${ctx.accountId}::uuid AND a.region_id = ${key.region_id} AND a.alias = ${input.alias}
        AND k.account_id = a.account_id AND k.id = a.key_id AND NOT ${notDue(tx.now)}`
    const [row] = await tx.sql.$queryRaw<AliasRow[]>`
      INSERT INTO key_alias (account_id, region_id, alias, key_id, created_at, updated_at)
      VALUES (${ctx.accountId}::uuid, ${key.region_id}, ${input.alias}, ${key.id}::uuid, ${tx.now}::timestamptz, ${tx.now}::timestamptz)
      ON CONFLICT (account_id, region_id, alias) DO NOTHING
      RETURNING *, (SELECT domain_id FROM account WHERE id = account_id) AS domain_id`
    if (!row) throw new KmsError('aliasTaken', { field: 'alias' })
    return { result: toAliasView(row), details: { alias: input.alias } }
  })
}
