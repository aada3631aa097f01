import type { EntryName } from '../cache/entry.ts'
import { ReadAgain } from '../cache/read-again.ts'
import type { KmsContext } from '../context.ts'
import { subjectOf } from '../invalidations/subject.ts'
import { inTransaction } from '../transaction.ts'

/**
 * Whether a project is the account's; what the caller may do in it is another question.
 *
 * @throws {ReadAgain} when it changed while it was loaded
 */
export async function ownsProject(ctx: KmsContext, projectId: string): Promise<boolean> {
  const { accountId, cache, reading } = ctx
  const name: EntryName<true> = `project ${accountId} ${projectId}`
  if (reading?.find(name)) return true
  const token = (reading && cache?.begin()) ?? null
  try {
    const count = await inTransaction(ctx, (tx) =>
      tx.sql.project.count({ where: { accountId, id: projectId } }),
    )
    if (count === 0) return false
    const subjects = [subjectOf('project', accountId, projectId)]
    if (reading && !(cache?.keep(token, name, true, subjects) && reading.find(name))) throw new ReadAgain()
    return true
  } finally {
    cache?.end(token)
  }
}
