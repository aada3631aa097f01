import { randomBytes } from 'node:crypto'
import { requireRight } from '../access/require-right.ts'
import { ReadAgain } from '../cache/read-again.ts'
import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import { can } from '../model/permissions.ts'
import { inTransaction } from '../transaction.ts'
import { recordUse } from '../usage/record-use.ts'
import { cachedRights, keepRights } from './cached-use.ts'
import { randomBytesOf } from './data-key-length.ts'

export type GenerateRandomInput = {
  projectId: string
  /** Bits: 8 to 8,192, a multiple of 8. */
  length: number
}

/**
 * Random bytes of the system's generator (Huawei KMS, gen-random). No key is used.
 *
 * @throws {KmsError} randomLengthInvalid, randomLengthUneven; notPermitted without `kms:cmk:generate` in the project
 * @throws {ReadAgain} only in a context that reads from a cache
 */
export async function generateRandom(
  ctx: KmsContext,
  { projectId, length }: GenerateRandomInput,
): Promise<{ bytes: Buffer }> {
  const wanted = randomBytesOf(length)
  const use = { use: 'generateRandom', accountId: ctx.accountId, key: null } as const
  const rights = cachedRights(ctx)
  if (rights && can(rights, 'kms:cmk:generate', { projectId })) {
    const bytes = randomBytes(wanted)
    if (!ctx.reading?.stillHolds()) throw new ReadAgain()
    recordUse(ctx, { ...use, refused: null })
    return { bytes }
  }
  const cache = ctx.reading && ctx.cache
  const token = cache?.begin() ?? null
  try {
    await inTransaction(ctx, async (tx) => {
      requireRight(tx, 'kms:cmk:generate', projectId)
      if (cache) keepRights(ctx, cache, token, tx.rights)
    })
  } catch (error) {
    if (error instanceof KmsError) recordUse(ctx, { ...use, refused: error.code })
    throw error
  } finally {
    cache?.end(token)
  }
  const bytes = randomBytes(wanted)
  // Who calls may have been read from the cache.
  if (ctx.reading?.stillHolds() === false) throw new ReadAgain()
  recordUse(ctx, { ...use, refused: null })
  return { bytes }
}
