import type { KmsContext } from '../context.ts'
import { awaitOpenInvalidations, openInvalidations } from '../invalidations/open-invalidation.ts'
import { changeKey, type KeyInProject } from '../keys/change-key.ts'
import { KmsError } from '../model/errors.ts'
import { requireAlias } from './alias-view.ts'

/**
 * Takes aliases from a key: all of them or, when one is not the key's, none (Huawei KMS, delete alias). That one is not
 * the key's holds on every instance, as its deletion does.
 *
 * @throws {KmsError} aliasInvalid, aliasNotFound, and those of changeKey
 */
export async function deleteAliases(
  ctx: KmsContext,
  input: KeyInProject & { aliases: string[] },
): Promise<void> {
  for (const alias of input.aliases) requireAlias(alias)
  const aliases = [...new Set(input.aliases)]
  await changeKey(ctx, input, { action: 'kms:alias:delete', event: 'deleteAlias' }, async (tx, key) => {
    const deleted = await tx.sql.keyAlias.deleteMany({
      where: { accountId: ctx.accountId, regionId: key.region_id, keyId: key.id, alias: { in: aliases } },
    })
    const subjects = aliases.map((alias) => `${key.region_id}/${alias}`)
    if (deleted.count !== aliases.length) {
      await awaitOpenInvalidations(tx, 'alias', ...subjects)
      throw new KmsError('aliasNotFound', { field: 'aliases' })
    }
    await openInvalidations(tx, 'alias', subjects)
    return { result: undefined, details: { aliases: aliases.join(' ') } }
  })
}
