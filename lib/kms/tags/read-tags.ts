import { requireRight } from '../access/require-right.ts'
import type { KmsContext } from '../context.ts'
import type { KeyInProject } from '../keys/change-key.ts'
import { notDue } from '../keys/key-row.ts'
import { lockKey } from '../keys/lock-key.ts'
import { inTransaction } from '../transaction.ts'
import type { TagView } from './change-tags.ts'

/**
 * The tags of one key in the order of their keys; a default key has none.
 *
 * @throws {KmsError} notPermitted without `kms:cmkTag:list` in the project, keyIdInvalid, keyNotFound
 */
export function readTags(ctx: KmsContext, input: KeyInProject): Promise<TagView[]> {
  return inTransaction(ctx, async (tx) => {
    requireRight(tx, 'kms:cmkTag:list', input.projectId)
    const key = await lockKey(tx, input.projectId, input.keyId, 'use')
    return tx.sql.keyTag.findMany({
      where: { accountId: ctx.accountId, keyId: key.id },
      select: { key: true, value: true },
      orderBy: { key: 'asc' },
    })
  })
}

/**
 * Every tag key that keys of the project carry, with its values, both in order.
 *
 * @throws {KmsError} notPermitted without `kms:cmkTag:list` in the project
 */
export function readProjectTags(
  ctx: KmsContext,
  input: { projectId: string },
): Promise<{ key: string; values: string[] }[]> {
  return inTransaction(ctx, (tx) => {
    requireRight(tx, 'kms:cmkTag:list', input.projectId)
    return tx.sql.$queryRaw<{ key: string; values: string[] }[]>`
      SELECT t.key, array_agg(DISTINCT t.value ORDER BY t.value) AS values
      FROM key_tag t JOIN key k ON k.account_id = t.account_id AND k.id = t.key_id
      WHERE t.account_id = ${ctx.accountId}::uuid AND k.project_id = ${input.projectId}
        AND ${notDue(tx.now)}
      GROUP BY t.key ORDER BY t.key`
  })
}
