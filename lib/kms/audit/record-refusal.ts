import type { KmsContext } from '../context.ts'
import type { KmsError } from '../model/errors.ts'
import { inTransaction } from '../transaction.ts'
import { appendEvents } from './append-events.ts'
import type { AuditEvent } from './event.ts'

/** Refusals of one actor that are recorded one by one in each minute; the rest becomes one counted event. */
export const refusalsOneByOne = 5

/** What was attempted, for the event of a refusal. */
export type Attempt = Omit<AuditEvent, 'outcome' | 'details'>

/**
 * Records that an attempt was refused, in a transaction of its own, because the attempt's has been rolled back. Beyond
 * the first few of a minute it only counts, so that a stranger cannot make the chain's lock a bottleneck.
 */
export async function recordRefusal(ctx: KmsContext, attempt: Attempt, error: KmsError): Promise<void> {
  await inTransaction(
    ctx,
    async (tx) => {
      const minute = new Date(Math.floor(tx.now.getTime() / 60_000) * 60_000)
      const [row] = await tx.sql.$queryRaw<[{ attempts: number }]>`
        INSERT INTO audit_refusal (account_id, actor_id, minute, attempts)
        VALUES (${ctx.accountId}::uuid, ${ctx.actor.id}, ${minute}::timestamptz, 1)
        ON CONFLICT (account_id, actor_id, minute) DO UPDATE SET attempts = audit_refusal.attempts + 1
        RETURNING attempts`
      if (row.attempts > refusalsOneByOne) return
      await appendEvents(tx.sql, ctx.rootKey, ctx.accountId, ctx, tx.now, [
        { ...attempt, outcome: 'refused', details: { error: error.kmsCode } },
      ])
    },
    { write: true },
  )
}
