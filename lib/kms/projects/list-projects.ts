import type { KmsContext } from '../context.ts'
import { inTransaction } from '../transaction.ts'

export type ProjectOfAccount = { id: string; name: string; regionId: string; domainId: string }

/**
 * Every project of the account, default ones first: what clients look up before their first call. A user without any
 * role may see them too, since a grantee calls in a project of its own.
 */
export function listProjects(ctx: KmsContext): Promise<ProjectOfAccount[]> {
  return inTransaction(
    ctx,
    (tx) => tx.sql.$queryRaw<ProjectOfAccount[]>`
      SELECT p.id, p.name, p.region_id AS "regionId", a.domain_id AS "domainId"
      FROM project p JOIN account a ON a.id = p.account_id
        JOIN region r ON r.account_id = p.account_id AND r.id = p.region_id
      WHERE p.account_id = ${ctx.accountId}::uuid ORDER BY p.is_default DESC, r.position, p.name`,
  )
}
