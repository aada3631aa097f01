import type { EnterpriseProjectView } from '../model/views.ts'
import type { Tx } from '../transaction.ts'

/** The enterprise projects of the account, the default one first. Every active user of the account may read them. */
export async function readEnterpriseProjects(tx: Tx): Promise<EnterpriseProjectView[]> {
  const projects = await tx.sql.enterpriseProject.findMany({
    where: { accountId: tx.ctx.accountId },
    select: { id: true, name: true },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  })
  return projects.sort((a, b) => Number(b.id === '0') - Number(a.id === '0'))
}
