import type { EntryName } from '../cache/entry.ts'
import { readThrough } from '../cache/read-through.ts'
import type { KmsContext } from '../context.ts'
import { subjectOf } from '../invalidations/subject.ts'
import { inTransaction } from '../transaction.ts'

/**
 * Whether a project is the account's; what the caller may do in it is another question.
 *
 * @throws {ReadAgain} when it changed while it was loaded
 */
export async function ownsProject(ctx: KmsContext, projectId: string): Promise<boolean> {
  const { accountId } = ctx
  const name: EntryName<true> = `project ${accountId} ${projectId}`
  const owned = await readThrough(ctx, name, async () => {
    const count = await inTransaction(ctx, (tx) =>
      tx.sql.project.count({ where: { accountId, id: projectId } }),
    )
    if (count === 0) return null
    return { value: true as const, subjects: [subjectOf('project', accountId, projectId)] }
  })
  return owned !== null
}
