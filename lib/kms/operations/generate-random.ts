import { randomBytes } from 'node:crypto'
import { requireRight } from '../access/require-right.ts'
import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import { inTransaction } from '../transaction.ts'
import { recordUse } from '../usage/record-use.ts'
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
 */
export async function generateRandom(
  ctx: KmsContext,
  { projectId, length }: GenerateRandomInput,
): Promise<{ bytes: Buffer }> {
  const wanted = randomBytesOf(length)
  const use = { use: 'generateRandom', accountId: ctx.accountId, key: null } as const
  try {
    await inTransaction(ctx, async (tx) => requireRight(tx, 'kms:cmk:generate', projectId))
  } catch (error) {
    if (error instanceof KmsError) recordUse(ctx, { ...use, refused: error.code })
    throw error
  }
  recordUse(ctx, { ...use, refused: null })
  return { bytes: randomBytes(wanted) }
}
