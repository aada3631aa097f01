import { requireRight } from '../access/require-right.ts'
import { attempted } from '../audit/attempted.ts'
import { recordEvent } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import { inTransaction } from '../transaction.ts'

/**
 * Switches the recording of uses of keys in the account's audit chain on or off; they are counted either way. The
 * switch itself is always recorded. Uses of the second before are recorded as it says.
 *
 * @throws {KmsError} notPermitted without `kms:audit:update` in the whole account
 */
export function setDataEvents(ctx: KmsContext, { enabled }: { enabled: boolean }): Promise<void> {
  const attempt = { action: enabled ? 'enableDataEvents' : 'disableDataEvents' }
  return attempted(ctx, attempt, () =>
    inTransaction(
      ctx,
      async (tx) => {
        requireRight(tx, 'kms:audit:update', null)
        const { count } = await tx.sql.account.updateMany({
          where: { id: ctx.accountId, dataEvents: !enabled },
          data: { dataEvents: enabled },
        })
        if (count > 0) await recordEvent(tx, { ...attempt, outcome: 'done' })
      },
      { write: true },
    ),
  )
}
