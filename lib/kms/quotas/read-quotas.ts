import { requireRight } from '../access/require-right.ts'
import type { KmsContext } from '../context.ts'
import { readQuota } from '../keys/read-quota.ts'
import { limits } from '../model/limits.ts'
import { inTransaction } from '../transaction.ts'

/**
 * Custom keys used and allowed in the project, and the most grants on any one key with their limit (Huawei KMS,
 * quotas).
 *
 * @throws {KmsError} notPermitted without `kms:cmk:getQuota` in the project, projectNotFound
 */
export function readQuotas(
  ctx: KmsContext,
  input: { projectId: string },
): Promise<{ keys: { used: number; quota: number }; grantsPerKey: { used: number; quota: number } }> {
  return inTransaction(ctx, async (tx) => {
    requireRight(tx, 'kms:cmk:getQuota', input.projectId)
    const keys = await readQuota(tx, input.projectId)
    const [grants] = await tx.sql.$queryRaw<[{ used: bigint }]>`
      SELECT coalesce(max(held), 0) AS used FROM (
        SELECT count(*) AS held FROM key_grant g JOIN key k ON k.account_id = g.account_id AND k.id = g.key_id
        WHERE g.account_id = ${ctx.accountId}::uuid AND k.project_id = ${input.projectId} GROUP BY g.key_id) AS per_key`
    return {
      keys: { used: keys.used, quota: keys.limit },
      grantsPerKey: { used: Number(grants.used), quota: limits.grantsPerKeyMax },
    }
  })
}
