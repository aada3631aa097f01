import type { KmsContext } from '#lib/kms/context.ts'
import { inTransaction } from '#lib/kms/transaction.ts'
import { setDataEvents } from '#lib/kms/usage/set-data-events.ts'

/**
 * Says whether uses of keys are recorded in the account's audit chain, after switching it if that is wanted. Every
 * process looks it up with each batch it writes, so what is used once this has returned is recorded as it says.
 */
export async function describeDataEvents(ctx: KmsContext, enabled: boolean | null): Promise<string> {
  if (enabled !== null) await setDataEvents(ctx, { enabled })
  const { name, dataEvents } = await inTransaction(ctx, (tx) =>
    tx.sql.account.findUniqueOrThrow({
      where: { id: ctx.accountId },
      select: { name: true, dataEvents: true },
    }),
  )
  return `Account ${name} (${ctx.accountId}): ${
    dataEvents
      ? 'uses of keys are recorded in the audit chain.'
      : 'uses of keys are not recorded in the audit chain; they are counted all the same.'
  }`
}
