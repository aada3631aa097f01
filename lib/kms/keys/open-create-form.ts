import { randomBytes, randomUUID } from 'node:crypto'
import { requireRight } from '../access/require-right.ts'
import type { KmsContext } from '../context.ts'
import { readEnterpriseProjects } from '../enterprise-projects/read-enterprise-projects.ts'
import { errorMessage } from '../model/errors.ts'
import { can } from '../model/permissions.ts'
import type { CreateFormView } from '../model/views.ts'
import { inTransaction } from '../transaction.ts'
import { readQuota } from './read-quota.ts'

/**
 * What the create form starts from: a name `KMS-` with four hex digits that no key of the project has, a new
 * idempotency key, the quota, and the enterprise projects to choose from.
 *
 * @throws {KmsError} notPermitted without `kms:cmk:list` in the project; projectNotFound
 */
export function openCreateForm(ctx: KmsContext, input: { projectId: string }): Promise<CreateFormView> {
  return inTransaction(ctx, async (tx) => {
    requireRight(tx, 'kms:cmk:list', input.projectId)
    const quota = await readQuota(tx, input.projectId)
    const candidates = Array.from({ length: 8 }, () => `KMS-${randomBytes(2).toString('hex')}`)
    const taken = await tx.sql.key.findMany({
      where: { accountId: ctx.accountId, projectId: input.projectId, name: { in: candidates } },
      select: { name: true },
    })
    const names = new Set(taken.map((key) => key.name))
    return {
      projectId: input.projectId,
      suggestedName: candidates.find((name) => !names.has(name)) ?? `KMS-${randomBytes(4).toString('hex')}`,
      idempotencyKey: randomUUID(),
      quota,
      enterpriseProjects: await readEnterpriseProjects(tx),
      createRefusal: can(tx.rights, 'kms:cmk:create', { projectId: input.projectId })
        ? null
        : errorMessage('notPermitted'),
    }
  })
}
