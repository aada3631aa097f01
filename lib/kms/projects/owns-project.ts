import type { KmsContext } from '../context.ts'
import { inTransaction } from '../transaction.ts'

/** Whether a project is the account's; what the caller may do in it is another question. */
export function ownsProject(ctx: KmsContext, projectId: string): Promise<boolean> {
  return inTransaction(ctx, async (tx) => {
    const count = await tx.sql.project.count({ where: { accountId: ctx.accountId, id: projectId } })
    return count > 0
  })
}
