import { KmsError } from '../model/errors.ts'
import { limits } from '../model/limits.ts'
import type { QuotaView } from '../model/views.ts'
import type { Tx } from '../transaction.ts'
import { notDue } from './key-row.ts'

/**
 * How many custom keys the project may hold and holds: Enabled, Disabled, Pending import, Pending deletion and
 * replicas count, default keys and keys whose deletion moment has come do not (Huawei KMS, quotas).
 *
 * @throws {KmsError} projectNotFound
 */
export async function readQuota(tx: Tx, projectId: string): Promise<QuotaView> {
  const [project] = await tx.sql.$queryRaw<{ key_quota: number; used: bigint }[]>`
    SELECT p.key_quota, (SELECT count(*) FROM (
        SELECT 1 FROM key k WHERE k.account_id = p.account_id AND k.project_id = p.id AND NOT k.is_default
          AND ${notDue(tx.now)}
        LIMIT ${limits.exactTotalMax + 1}) held) AS used
    FROM project p WHERE p.account_id = ${tx.ctx.accountId}::uuid AND p.id = ${projectId}`
  if (!project) throw new KmsError('projectNotFound')
  const counted = Number(project.used)
  const used = Math.min(counted, limits.exactTotalMax)
  return {
    limit: project.key_quota,
    used,
    left: Math.max(0, project.key_quota - used),
    exact: counted <= limits.exactTotalMax,
  }
}

/**
 * Whether the project can hold no further key. The quota that is read for a page counts no further than the list does;
 * a larger one is counted to its end here.
 */
export async function isQuotaReached(tx: Tx, projectId: string, quota: QuotaView): Promise<boolean> {
  if (quota.exact) return quota.left === 0
  const [row] = await tx.sql.$queryRaw<[{ held: bigint }]>`
    SELECT count(*) AS held FROM (
      SELECT 1 FROM key k WHERE k.account_id = ${tx.ctx.accountId}::uuid AND k.project_id = ${projectId}
        AND NOT k.is_default AND ${notDue(tx.now)}
      LIMIT ${quota.limit}) held`
  return Number(row.held) >= quota.limit
}
