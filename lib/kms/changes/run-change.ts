import { isTransient } from '#lib/db/sql-state.ts'
import type { KmsContext } from '../context.ts'
import { limits } from '../model/limits.ts'
import { inTransaction } from '../transaction.ts'
import { applyChunk } from './apply-chunk.ts'
import { confirmChange } from './confirm-change.ts'

/**
 * Works on an applying change until no item is pending, in chunks of one transaction each, so that a crash between two
 * chunks loses nothing and whoever claims the change next goes on where it stopped. Returns when it is done or
 * stopped, or when another process has taken it over.
 *
 * @param ctx the author's context: rights are looked up anew in every chunk
 * @param owner the claim under which this process works
 * @param options.beforeChunk tests only: called before each chunk
 */
export async function runChange(
  ctx: KmsContext,
  changeId: string,
  owner: string,
  options: { chunkSize?: number; beforeChunk?: () => Promise<void> } = {},
): Promise<void> {
  const chunkSize = options.chunkSize ?? limits.chunkSize
  let state: Progress = 'more'
  while (state === 'more') {
    await options.beforeChunk?.()
    state = await applyWithHalving(ctx, changeId, owner, chunkSize)
  }
  await confirmChange(ctx, changeId, owner)
}

type Progress = 'more' | 'finished' | 'lost'

/** An item that breaks its chunk fails alone: the chunk is halved down to it. */
async function applyWithHalving(
  ctx: KmsContext,
  changeId: string,
  owner: string,
  size: number,
): Promise<Progress> {
  try {
    return await inTransaction(ctx, (tx) => applyChunk(tx, changeId, owner, size), {
      write: true,
      holds: 'later',
    })
  } catch (error) {
    // When the database does not answer, or is only busy, no item is at fault and none may be marked as failed.
    if (isTransient(error) || !(await answers(ctx))) throw error
    if (size > 1) return applyWithHalving(ctx, changeId, owner, Math.ceil(size / 2))
    await failFirstPending(ctx, changeId, owner)
    return 'more'
  }
}

async function answers(ctx: KmsContext): Promise<boolean> {
  return inTransaction(ctx, async () => true).catch(() => false)
}

async function failFirstPending(ctx: KmsContext, changeId: string, owner: string): Promise<void> {
  await inTransaction(
    ctx,
    (tx) => tx.sql.$executeRaw`
      UPDATE change_item SET outcome = 'failed', reason = 'unexpected', request_id = ${ctx.requestId}
      WHERE account_id = ${ctx.accountId}::uuid AND change_id = ${changeId}::uuid AND outcome = 'pending' AND ordinal = (
        SELECT min(ordinal) FROM change_item
        WHERE account_id = ${ctx.accountId}::uuid AND change_id = ${changeId}::uuid AND outcome = 'pending')
      AND EXISTS (
        SELECT 1 FROM change WHERE account_id = ${ctx.accountId}::uuid AND id = ${changeId}::uuid AND owner_id = ${owner}::uuid)`,
    { write: true },
  )
}
