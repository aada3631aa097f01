import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { isUnavailable } from '#lib/db/unavailable.ts'
import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import { inTransaction } from '../transaction.ts'

export type StoredAnswer = { status: number; body: string }

/** A write that has begun is awaited this long; none takes longer. */
const patienceMilliseconds = 20_000
const pollMilliseconds = 25

/**
 * Does a signed write once: whoever sends the same signature again gets the first answer, and nothing is done. So a
 * recorded "enable" cannot be sent again after a "disable". A repeat that comes while the first is under way waits for
 * its answer. An answer of "try again" (503), after which nothing was changed, is not kept; that something may have been
 * (504) is.
 *
 * The row that says "begun" is committed before the write: if the process dies in between, nobody learns what became of
 * it by sending the same signature again, but nobody can make it happen twice either.
 *
 * @throws {KmsError} busy when the first one has not been answered in time
 */
export async function answerOnce(
  ctx: KmsContext,
  signature: Uint8Array,
  run: () => Promise<StoredAnswer>,
): Promise<StoredAnswer> {
  const signatureHash = Uint8Array.from(createHash('sha256').update(signature).digest())
  const row = { accountId_signatureHash: { accountId: ctx.accountId, signatureHash } }
  const begun = await inTransaction(ctx, (tx) =>
    tx.sql.signedWrite.createMany({
      data: { accountId: ctx.accountId, signatureHash, createdAt: tx.now },
      skipDuplicates: true,
    }),
  )
  if (begun.count === 0) return firstAnswer(ctx, row)
  const forget = () => inTransaction(ctx, (tx) => tx.sql.signedWrite.delete({ where: row }))
  const answer = await run().catch(async (error: unknown) => {
    await forget()
    throw error
  })
  if (answer.status === 503) {
    await forget()
    return answer
  }
  await inTransaction(ctx, (tx) => tx.sql.signedWrite.update({ where: row, data: answer })).catch(
    (error: unknown) => {
      // What was done is told as it is, though whoever asks again with this signature will not learn it.
      if (!isUnavailable(error)) throw error
    },
  )
  return answer
}

type RowKey = { accountId_signatureHash: { accountId: string; signatureHash: Uint8Array<ArrayBuffer> } }

async function firstAnswer(ctx: KmsContext, where: RowKey): Promise<StoredAnswer> {
  const end = performance.now() + patienceMilliseconds
  while (performance.now() < end) {
    const first = await inTransaction(ctx, (tx) => tx.sql.signedWrite.findUnique({ where }))
    // It was told to try again, and that is what this one tells its caller too.
    if (!first) break
    if (first.status !== null) return { status: first.status, body: first.body ?? '' }
    await pause(pollMilliseconds)
  }
  throw new KmsError('busy')
}
