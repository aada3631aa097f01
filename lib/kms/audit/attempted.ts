import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import { type Attempt, recordRefusal } from './record-refusal.ts'

/**
 * Runs a verb, and records it as refused when it refuses. What was done is recorded by the verb itself, in its own
 * transaction; a refusal has none left. What is busy, or saved and not confirmed everywhere, was not refused.
 */
export async function attempted<T>(ctx: KmsContext, attempt: Attempt, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof KmsError && error.code !== 'busy' && error.code !== 'unconfirmed')
      await recordRefusal(ctx, attempt, error)
    throw error
  }
}
