import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import type { ShellView } from '../model/views.ts'
import { listRegions } from '../projects/list-regions.ts'
import { inTransaction } from '../transaction.ts'

/** Who is signed in and where they may go: what stands around every page. */
export async function readShell(ctx: KmsContext): Promise<ShellView> {
  const regions = await listRegions(ctx)
  const user = await inTransaction(ctx, async ({ sql }) => {
    const found = await sql.user.findUnique({
      where: { accountId_id: { accountId: ctx.accountId, id: ctx.actor.id } },
      include: { roleAssignments: { select: { role: true }, distinct: ['role'], orderBy: { role: 'asc' } } },
    })
    if (!found) throw new KmsError('signedOut')
    const { id, name, email, roleAssignments } = found
    return { id, name, email, roles: roleAssignments.map(({ role }) => role) }
  })
  return { user, regions }
}
