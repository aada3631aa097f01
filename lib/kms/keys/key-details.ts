import { Prisma } from '#lib/db/generated/client.ts'
import type { KeySpec, KeyUsage } from '../model/key-spec.ts'
import type { KeyState } from '../model/key-state.ts'
import type { Tx } from '../transaction.ts'
import { materialExpiry } from './key-row.ts'

/** A key as the API describes it (Huawei KMS, objects). */
export type KeyDetails = {
  id: string
  domainId: string
  regionId: string
  name: string
  description: string
  state: KeyState
  spec: KeySpec
  usage: KeyUsage
  origin: 'kms' | 'external'
  isDefault: boolean
  enterpriseProjectId: string
  createdAt: Date
  deletionAt: Date | null
  materialExpiresAt: Date | null
  rotationEnabled: boolean
}

/**
 * Details of the keys that meet a condition over `key k`, in the order asked for; the transaction's account only.
 *
 * @param order SQL after ORDER BY, with LIMIT and OFFSET if wanted
 */
export function selectKeyDetails(
  tx: Tx,
  condition: Prisma.Sql,
  order: Prisma.Sql = Prisma.sql`k.created_at, k.id`,
): Promise<KeyDetails[]> {
  return tx.sql.$queryRaw<KeyDetails[]>`
    SELECT k.id, a.domain_id AS "domainId", p.region_id AS "regionId", k.name, k.description, k.state, k.spec, k.usage,
      k.origin, k.is_default AS "isDefault", k.enterprise_project_id AS "enterpriseProjectId",
      k.created_at AS "createdAt", k.deletion_at AS "deletionAt", ${materialExpiry} AS "materialExpiresAt",
      coalesce((SELECT r.enabled FROM key_rotation r WHERE r.account_id = k.account_id AND r.key_id = coalesce(k.primary_key_id, k.id)), false)
        AS "rotationEnabled"
    FROM key k JOIN account a ON a.id = k.account_id
      JOIN project p ON p.account_id = k.account_id AND p.id = k.project_id
    WHERE k.account_id = ${tx.ctx.accountId}::uuid AND ${condition} ORDER BY ${order}`
}
