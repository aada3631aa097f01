import { requireRight } from '../access/require-right.ts'
import type { KmsContext } from '../context.ts'
import type { KeyInProject } from '../keys/change-key.ts'
import { peekKey } from '../keys/lock-key.ts'
import { errorMessage, isErrorCode } from '../model/errors.ts'
import { inTransaction } from '../transaction.ts'

/** Calls of one caller that were refused for one reason. */
export type RefusedCallView = {
  actorId: string
  /** As it was at the last call. */
  actorName: string
  /** Name of the data event, such as `encryptData`. */
  operation: string
  /** Why, in words. */
  reason: string
  calls: number
  /** Of the last call. */
  sourceAddress: string | null
  firstAt: string
  lastAt: string
}

/** Rows that are read at most. */
export const refusedCallsMax = 100

/**
 * Who called a key and was refused, the latest first: who would notice if it were deleted.
 *
 * @throws {KmsError} notPermitted without `kms:cmk:get` in the project, keyIdInvalid, keyNotFound
 */
export function readRefusedCalls(ctx: KmsContext, input: KeyInProject): Promise<RefusedCallView[]> {
  return inTransaction(ctx, async (tx) => {
    requireRight(tx, 'kms:cmk:get', input.projectId)
    const key = await peekKey(tx, input.projectId, input.keyId)
    const rows = await tx.sql.refusedCall.findMany({
      where: { accountId: ctx.accountId, keyId: key.id },
      orderBy: [{ lastAt: 'desc' }, { actorId: 'asc' }, { operation: 'asc' }, { code: 'asc' }],
      take: refusedCallsMax,
    })
    return rows.map((row) => ({
      actorId: row.actorId,
      actorName: row.actorName,
      operation: row.operation,
      reason: isErrorCode(row.code) ? errorMessage(row.code) : row.code,
      calls: Number(row.calls),
      sourceAddress: row.sourceAddress,
      firstAt: row.firstAt.toISOString(),
      lastAt: row.lastAt.toISOString(),
    }))
  })
}
