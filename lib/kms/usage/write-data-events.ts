import type { AuditEvent, DataEvent } from '../audit/event.ts'
import { recordEvents } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import { inTransaction } from '../transaction.ts'

/** Uses in one link of the chain, so that no link grows without bound. */
const usesPerLink = 1_000

/**
 * Writes uses of an account's keys into its audit chain, unless the account has switched data events off: one link for
 * a batch, which says how many uses before it were lost.
 *
 * @param ctx of the account that owns the keys
 * @param uses makes the events; not called where they are off
 */
export function writeDataEvents(
  ctx: KmsContext,
  uses: () => readonly DataEvent[],
  lost: number,
): Promise<void> {
  return inTransaction(
    ctx,
    async (tx) => {
      const account = await tx.sql.account.findUniqueOrThrow({ where: { id: ctx.accountId } })
      if (account.dataEvents) await recordEvents(tx, links(uses(), lost))
    },
    { write: true },
  )
}

function links(uses: readonly DataEvent[], lost: number): AuditEvent[] {
  const events: AuditEvent[] = []
  for (let from = 0; from < uses.length || (from === 0 && lost > 0); from += usesPerLink) {
    const some = uses.slice(from, from + usesPerLink)
    events.push({
      action: 'dataEvents',
      outcome: 'done',
      details: { count: some.length, ...(from === 0 && lost > 0 ? { lost } : {}) },
      uses: some,
    })
  }
  return events
}
