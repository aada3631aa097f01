import type { KmsContext } from '../context.ts'
import { isRefusal } from '../model/errors.ts'
import { type Attempt, recordRefusal } from './record-refusal.ts'

/**
 * Runs a verb, and records it as refused when it refuses. What was done is recorded by the verb itself, in its own
 * transaction; a refusal has none left.
 */
export async function attempted<T>(ctx: KmsContext, attempt: Attempt, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (isRefusal(error)) await recordRefusal(ctx, attempt, error)
    throw error
  }
}
