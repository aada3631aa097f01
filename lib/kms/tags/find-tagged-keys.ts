import { Prisma } from '#lib/db/generated/client.ts'
import { requireRight } from '../access/require-right.ts'
import type { KmsContext } from '../context.ts'
import { type KeyDetails, selectKeyDetails } from '../keys/key-details.ts'
import { notDue } from '../keys/key-row.ts'
import { inTransaction } from '../transaction.ts'
import type { TagView } from './change-tags.ts'

export type TaggedKeysInput = {
  projectId: string
  /** Every entry must be met: the key carries the tag with one of the values; no values: with any. */
  tags: readonly { key: string; values: readonly string[] }[]
  /** Substring of the name. */
  name?: string | undefined
  limit: number
  offset: number
}

/**
 * Custom keys of the project that carry all of the tags, newest first, with their tags, and how many there are in all.
 * Past the end the list is empty (Huawei KMS, query instances by tag).
 *
 * @throws {KmsError} notPermitted without `kms:cmkTag:listInstance` in the project
 */
export function findTaggedKeys(
  ctx: KmsContext,
  input: TaggedKeysInput,
): Promise<{ keys: (KeyDetails & { tags: TagView[] })[]; total: number }> {
  return inTransaction(ctx, async (tx) => {
    requireRight(tx, 'kms:cmkTag:listInstance', input.projectId)
    const conditions = [
      Prisma.sql`k.account_id = ${ctx.accountId}::uuid AND k.project_id = ${input.projectId} AND NOT k.is_default`,
      notDue(tx.now),
      ...input.tags.map((tag) => {
        const values =
          tag.values.length > 0 ? Prisma.sql`AND t.value = ANY(${[...tag.values]}::text[])` : Prisma.empty
        return Prisma.sql`EXISTS (SELECT 1 FROM key_tag t
          WHERE t.account_id = k.account_id AND t.key_id = k.id AND t.key = ${tag.key} ${values})`
      }),
    ]
    if (input.name) conditions.push(Prisma.sql`position(lower(${input.name}) IN lower(k.name)) > 0`)
    const where = Prisma.join(conditions, ' AND ')
    const [counted] = await tx.sql.$queryRaw<
      [{ total: bigint }]
    >`SELECT count(*) AS total FROM key k WHERE ${where}`
    const keys = await selectKeyDetails(
      tx,
      where,
      Prisma.sql`k.created_at DESC, k.id DESC LIMIT ${input.limit} OFFSET ${input.offset}`,
    )
    const tags = await tx.sql.keyTag.findMany({
      where: { accountId: tx.ctx.accountId, keyId: { in: keys.map((key) => key.id) } },
      orderBy: { key: 'asc' },
    })
    const byKey = Map.groupBy(tags, (tag) => tag.keyId)
    return {
      keys: keys.map((key) => ({
        ...key,
        tags: (byKey.get(key.id) ?? []).map((tag) => ({ key: tag.key, value: tag.value })),
      })),
      total: Number(counted.total),
    }
  })
}
