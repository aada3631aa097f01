import type { KmsContext } from '../context.ts'
import { openInvalidation } from '../invalidations/open-invalidation.ts'
import { changeKey, type KeyInProject } from '../keys/change-key.ts'
import { KmsError } from '../model/errors.ts'
import { requireAlias } from './alias-view.ts'

/**
 * Takes aliases from a key: all of them or, when one is not the key's, none.
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
    if (deleted.count !== aliases.length) throw new KmsError('aliasNotFound', { field: 'aliases' })
    for (const alias of aliases) await openInvalidation(tx, 'alias', `${key.region_id}/${alias}`)
    return { result: undefined, details: { aliases: aliases.join(' ') } }
  })
}
