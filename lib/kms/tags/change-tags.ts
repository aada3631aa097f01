import type { KmsContext } from '../context.ts'
import { changeKey, type KeyInProject } from '../keys/change-key.ts'
import { KmsError } from '../model/errors.ts'
import { limits } from '../model/limits.ts'

export type TagView = { key: string; value: string }

/**
 * Sets tags of a key; one that exists gets the new value. At most 20 per key (Huawei KMS, tags). Which characters and
 * lengths are allowed is for the door to check, since console and API differ.
 *
 * @throws {KmsError} tagsTooMany, and those of changeKey
 */
export async function setTags(
  ctx: KmsContext,
  input: KeyInProject & { tags: readonly TagView[] },
): Promise<void> {
  await changeKey(ctx, input, { action: 'kms:cmkTag:batch', event: 'dealUnifiedTags' }, async (tx, key) => {
    const { accountId } = ctx
    await tx.sql.$executeRaw`
      INSERT INTO key_tag (account_id, key_id, key, value)
      SELECT DISTINCT ON (t.key) ${accountId}::uuid, ${key.id}::uuid, t.key, t.value
      FROM unnest(${input.tags.map((tag) => tag.key)}::text[], ${input.tags.map((tag) => tag.value)}::text[])
        WITH ORDINALITY AS t (key, value, position)
      ORDER BY t.key, t.position DESC
      ON CONFLICT (account_id, key_id, key) DO UPDATE SET value = excluded.value`
    const count = await tx.sql.keyTag.count({ where: { accountId, keyId: key.id } })
    if (count > limits.tagsPerKeyMax) throw new KmsError('tagsTooMany')
    return { result: undefined, details: { set: input.tags.length } }
  })
}

/**
 * Takes tags from a key by their keys. With `mustExist` a key that the key does not carry is refused, and nothing is
 * deleted.
 *
 * @throws {KmsError} tagNotFound, and those of changeKey
 */
export async function deleteTags(
  ctx: KmsContext,
  input: KeyInProject & { keys: readonly string[]; mustExist: boolean },
): Promise<void> {
  await changeKey(ctx, input, { action: 'kms:cmkTag:delete', event: 'dealUnifiedTags' }, async (tx, key) => {
    const keys = [...new Set(input.keys)]
    const { count } = await tx.sql.keyTag.deleteMany({
      where: { accountId: ctx.accountId, keyId: key.id, key: { in: keys } },
    })
    if (input.mustExist && count !== keys.length) throw new KmsError('tagNotFound', { field: 'key' })
    return { result: undefined, details: { deleted: count } }
  })
}
