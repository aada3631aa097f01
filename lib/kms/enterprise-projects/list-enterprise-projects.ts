import type { KmsContext } from '../context.ts'
import type { EnterpriseProjectView } from '../model/views.ts'
import { inTransaction } from '../transaction.ts'

/** The enterprise projects of the account, the default one first. Every active user of the account may read them. */
export function listEnterpriseProjects(ctx: KmsContext): Promise<EnterpriseProjectView[]> {
  return inTransaction(ctx, (tx) =>
    tx.sql.enterpriseProject.findMany({
      where: { accountId: ctx.accountId },
      select: { id: true, name: true },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    }),
  )
}
