/**
 * Does a job's work for one account after another. An account whose work fails (its audit key was tampered with, say)
 * must not hold up the others: all are tried, then the failures are thrown together.
 *
 * @throws {AggregateError} with the failures
 */
export async function eachAccount(
  accountIds: readonly string[],
  work: (accountId: string) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = []
  for (const accountId of accountIds) {
    try {
      await work(accountId)
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `the work failed for ${failures.length} accounts`)
}
