import { requireRight } from '../access/require-right.ts'
import type { KmsContext } from '../context.ts'
import { readQuota } from '../keys/read-quota.ts'
import { inTransaction } from '../transaction.ts'

/**
 * How many keys the project holds, default keys not counted (Huawei KMS, query instances).
 *
 * @throws {KmsError} notPermitted without `kms:cmk:getInstance` in the project; projectNotFound
 */
export function countInstances(ctx: KmsContext, { projectId }: { projectId: string }): Promise<number> {
  return inTransaction(ctx, async (tx) => {
    requireRight(tx, 'kms:cmk:getInstance', projectId)
    return (await readQuota(tx, projectId)).used
  })
}
