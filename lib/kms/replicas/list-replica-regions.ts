import { requireRight } from '../access/require-right.ts'
import type { KmsContext } from '../context.ts'
import { inTransaction } from '../transaction.ts'

/**
 * Ids of the regions in which keys of the account can be replicated, in their order.
 *
 * @throws {KmsError} notPermitted without `kms:cmk:list` in the project
 */
export function listReplicaRegions(
  ctx: KmsContext,
  input: { projectId: string; limit: number; offset: number },
): Promise<string[]> {
  return inTransaction(ctx, async (tx) => {
    requireRight(tx, 'kms:cmk:list', input.projectId)
    const regions = await tx.sql.region.findMany({
      where: { accountId: ctx.accountId },
      select: { id: true },
      orderBy: { position: 'asc' },
      take: input.limit,
      skip: input.offset,
    })
    return regions.map((region) => region.id)
  })
}
