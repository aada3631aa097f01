import type { KmsContext } from '../context.ts'
import { inTransaction } from '../transaction.ts'

/** The account as the API names it. */
export function readDomain(ctx: KmsContext): Promise<{ id: string; name: string }> {
  return inTransaction(ctx, async (tx) => {
    const account = await tx.sql.account.findUniqueOrThrow({ where: { id: ctx.accountId } })
    return { id: account.domainId, name: account.name }
  })
}
