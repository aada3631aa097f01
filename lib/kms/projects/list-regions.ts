import type { KmsContext } from '../context.ts'
import { can } from '../model/permissions.ts'
import type { RegionView } from '../model/views.ts'
import { inTransaction, type Tx } from '../transaction.ts'

/** The regions of the account with those projects in which the caller may at least list keys. */
export function listRegions(ctx: KmsContext): Promise<RegionView[]> {
  return inTransaction(ctx, readRegions)
}

/** The same in the caller's transaction. */
export async function readRegions({ sql, ctx, rights }: Tx): Promise<RegionView[]> {
  const regions = await sql.region.findMany({
    where: { accountId: ctx.accountId },
    orderBy: { position: 'asc' },
    include: { projects: { orderBy: [{ isDefault: 'desc' }, { name: 'asc' }] } },
  })
  return regions.map((region) => ({
    id: region.id,
    name: region.name,
    projects: region.projects
      .filter((project) => can(rights, 'kms:cmk:list', { projectId: project.id }))
      .map(({ id, name, regionId, isDefault }) => ({ id, name, regionId, isDefault })),
  }))
}
