import { requireRight } from '../access/require-right.ts'
import { attempted } from '../audit/attempted.ts'
import type { AuditEvent } from '../audit/event.ts'
import { recordEvent } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import { awaitOpenInvalidations, openInvalidation } from '../invalidations/open-invalidation.ts'
import { KmsError } from '../model/errors.ts'
import type { Action } from '../model/permissions.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import { type LockedKey, lockKey } from './lock-key.ts'

export type KeyInProject = {
  projectId: string
  /** Id, alias or URN. */
  keyId: string
}

/**
 * The gate of every management verb that changes one key apart from its state: permission first, then the key under
 * lock, default keys refused, then `change`; revision, invalidation and audit event in the same transaction, refusals
 * recorded. A refusal, too, holds on every instance: what is refused may be so already.
 *
 * @param change returns the verb's result and what the event says beyond the key
 * @throws {KmsError} notPermitted, keyIdInvalid, keyNotFound, defaultKey, and what `change` throws; unconfirmed: saved,
 *   but an instance may not know of it yet
 */
export function changeKey<T>(
  ctx: KmsContext,
  input: KeyInProject,
  verb: { action: Action; event: string },
  change: (tx: Tx, key: LockedKey) => Promise<{ result: T; details?: AuditEvent['details'] }>,
): Promise<T> {
  const attempt = {
    action: verb.event,
    resourceId: input.keyId.slice(0, 300),
    projectId: input.projectId,
  }
  return attempted(ctx, attempt, () =>
    inTransaction(
      ctx,
      async (tx) => {
        requireRight(tx, verb.action, input.projectId)
        const key = await lockKey(tx, input.projectId, input.keyId, 'change')
        if (key.is_default) throw new KmsError('defaultKey')
        const { result, details } = await change(tx, key).catch(async (error: unknown) => {
          // A refusal with a cause tells of a failed statement, after which the transaction can ask nothing more.
          if (error instanceof KmsError && !error.cause) await awaitOpenInvalidations(tx, 'key', key.id)
          throw error
        })
        await tx.sql.$executeRaw`
          UPDATE key SET revision = revision + 1 WHERE account_id = ${ctx.accountId}::uuid AND id = ${key.id}::uuid`
        await openInvalidation(tx, 'key', key.id)
        await recordEvent(tx, {
          action: verb.event,
          outcome: 'done',
          resourceId: key.id,
          resourceName: key.name,
          projectId: key.project_id,
          ...(details ? { details } : {}),
        })
        return result
      },
      { write: true },
    ),
  )
}

/** Refuses what a key pending deletion does not allow: its name, description and settings are frozen. */
export function requireNotPendingDeletion(key: LockedKey): void {
  if (key.state === '4') throw new KmsError('keyPendingDeletion')
}
