import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import { inTransaction } from '../transaction.ts'

/**
 * The names by which answers of the API place a project: its account's domain id and its region.
 *
 * @throws {KmsError} projectNotFound
 */
export function readOwnDomain(
  ctx: KmsContext,
  { projectId }: { projectId: string },
): Promise<{ domainId: string; regionId: string }> {
  return inTransaction(ctx, async (tx) => {
    const [row] = await tx.sql.$queryRaw<{ domain_id: string; region_id: string }[]>`
      SELECT a.domain_id, p.region_id FROM project p JOIN account a ON a.id = p.account_id
      WHERE p.account_id = ${ctx.accountId}::uuid AND p.id = ${projectId}`
    if (!row) throw new KmsError('projectNotFound')
    return { domainId: row.domain_id, regionId: row.region_id }
  })
}
