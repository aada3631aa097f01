import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import type { Rights } from '../model/permissions.ts'
import type { ShellView } from '../model/views.ts'
import { readRegions } from '../projects/list-regions.ts'
import { inTransaction } from '../transaction.ts'

/** Who is signed in and where they may go: what stands around every page. */
export function readShell(ctx: KmsContext): Promise<ShellView> {
  return inTransaction(ctx, async (tx) => {
    const user = await tx.sql.user.findUnique({
      where: { accountId_id: { accountId: ctx.accountId, id: ctx.actor.id } },
      select: { id: true, name: true, email: true },
    })
    if (!user) throw new KmsError('signedOut')
    return { user: { ...user, roles: rolesOf(tx.rights) }, regions: await readRegions(tx) }
  })
}

function rolesOf(rights: Rights): string[] {
  if (rights.kind !== 'user') return []
  return [...new Set(rights.assignments.map(({ role }) => role))].sort()
}
