import { randomUUID } from 'node:crypto'
import { sqlState } from '#lib/db/sql-state.ts'
import { requireRight } from '../access/require-right.ts'
import { attempted } from '../audit/attempted.ts'
import { recordEvent } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import { codePoints } from '../model/limits.ts'
import { isStorableText } from '../model/storable-text.ts'
import type { EnterpriseProjectView } from '../model/views.ts'
import { inTransaction } from '../transaction.ts'

/**
 * Creates an enterprise project, to which keys of any project may belong.
 *
 * @param input.name 1 to 255 code points, unique in the account
 * @throws {KmsError} notPermitted without `kms:enterpriseProject:create`; invalidInput for the name
 */
export function createEnterpriseProject(
  ctx: KmsContext,
  input: { name: string },
): Promise<EnterpriseProjectView> {
  const attempt = { action: 'createEnterpriseProject', resourceType: 'project' } as const
  return attempted(ctx, attempt, () => create(ctx, input))
}

async function create(ctx: KmsContext, input: { name: string }): Promise<EnterpriseProjectView> {
  const name = input.name.trim()
  if (codePoints(name) < 1 || codePoints(name) > 255 || !isStorableText(name)) {
    throw new KmsError('invalidInput', {
      field: 'name',
      message: 'Name must be 1 to 255 characters of text.',
    })
  }
  try {
    return await inTransaction(
      ctx,
      async (tx) => {
        requireRight(tx, 'kms:enterpriseProject:create', null)
        const id = randomUUID()
        await tx.sql.enterpriseProject.create({
          data: { accountId: ctx.accountId, id, name, createdAt: tx.now },
        })
        await recordEvent(tx, {
          action: 'createEnterpriseProject',
          outcome: 'done',
          resourceType: 'project',
          resourceId: id,
          resourceName: name,
        })
        return { id, name }
      },
      { write: true },
    )
  } catch (error) {
    if (sqlState(error) !== '23505') throw error
    throw new KmsError('invalidInput', {
      field: 'name',
      message: 'An enterprise project with this name already exists.',
      cause: error,
    })
  }
}
