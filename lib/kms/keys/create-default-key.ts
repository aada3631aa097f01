import { requireRight } from '../access/require-right.ts'
import { attempted } from '../audit/attempted.ts'
import { recordEvent } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import { generateMaterial } from '../material/generate-material.ts'
import { KmsError } from '../model/errors.ts'
import type { KeyView } from '../model/views.ts'
import { inTransaction } from '../transaction.ts'
import { insertKey } from './insert-key.ts'
import { readKey } from './read-key.ts'

/**
 * The default key of a service in a project, made on first use: AES_256, named `<service>/default`, in the default
 * enterprise project, not counted in the quota (Huawei KMS, default keys). A second call answers the same key.
 *
 * @param input.service short name of a service, such as `obs`: 1 to 32 lowercase letters, digits and hyphens
 * @throws {KmsError} invalidInput for a service name of another form; notPermitted without `kms:cmk:create`;
 *   projectNotFound
 */
export function createDefaultKey(
  ctx: KmsContext,
  input: { projectId: string; service: string },
): Promise<KeyView> {
  const attempt = {
    action: 'createKey',
    resourceType: 'project',
    resourceId: input.projectId,
    projectId: input.projectId,
  } as const
  return attempted(ctx, attempt, () => create(ctx, input))
}

async function create(ctx: KmsContext, input: { projectId: string; service: string }): Promise<KeyView> {
  if (!/^[a-z0-9-]{1,32}$/.test(input.service)) {
    throw new KmsError('invalidInput', {
      field: 'service',
      message: 'A service name is 1 to 32 lowercase letters, digits and hyphens.',
    })
  }
  const name = `${input.service}/default`
  const made = await generateMaterial('AES_256')
  using material = made.material
  return await inTransaction(
    ctx,
    async (tx) => {
      requireRight(tx, 'kms:cmk:create', input.projectId)
      const [project] = await tx.sql.$queryRaw<{ id: string }[]>`
        SELECT id FROM project WHERE account_id = ${ctx.accountId}::uuid AND id = ${input.projectId} FOR UPDATE`
      if (!project) throw new KmsError('projectNotFound')
      const existing = await tx.sql.key.findFirst({
        where: { accountId: ctx.accountId, projectId: input.projectId, name, isDefault: true },
        select: { id: true },
      })
      if (existing) return readKey(tx, existing.id)
      const id = await insertKey(tx, {
        projectId: input.projectId,
        enterpriseProjectId: '0',
        name,
        description: '',
        spec: 'AES_256',
        usage: 'ENCRYPT_DECRYPT',
        isDefault: true,
        tags: [],
        material: { ...made, material },
      })
      await recordEvent(tx, {
        action: 'createKey',
        outcome: 'done',
        resourceId: id,
        resourceName: name,
        projectId: input.projectId,
        details: { spec: 'AES_256', usage: 'ENCRYPT_DECRYPT', origin: 'kms', default: true },
      })
      return readKey(tx, id)
    },
    { write: true },
  )
}
