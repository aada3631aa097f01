import { randomUUID } from 'node:crypto'
import { violatedIndex } from '#lib/db/sql-state.ts'
import { requireRight } from '../access/require-right.ts'
import { attempted } from '../audit/attempted.ts'
import { recordEvent } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import { openInvalidation } from '../invalidations/open-invalidation.ts'
import type { KeyInProject } from '../keys/change-key.ts'
import { type LockedKey, lockKey } from '../keys/lock-key.ts'
import { readKey } from '../keys/read-key.ts'
import { isQuotaReached, readQuota } from '../keys/read-quota.ts'
import { KmsError } from '../model/errors.ts'
import type { KeyView } from '../model/views.ts'
import { inTransaction, type Tx } from '../transaction.ts'

export type ReplicateKeyInput = KeyInProject & {
  replicaRegion: string
  replicaProjectId: string
  name: string
  description: string
  enterpriseProjectId: string
  tags: readonly { key: string; value: string }[]
}

/**
 * Creates a replica of an Enabled primary key in another region: a key of its own with its own name, description,
 * enterprise project and tags, which shares the primary's material set; nothing is sealed again. At most one replica
 * per region; it counts in the quota of its project (Huawei KMS, multi-region keys).
 *
 * @throws {KmsError} notPermitted (`kms:cmk:replicate` here, `kms:cmk:create` there), keyNotFound, defaultKey,
 *   replicaReadOnly for a replica, keyDisabled, keyPendingDeletion, keyPendingImport, replicaRegionInvalid,
 *   keyQuotaReached, keyNameTaken, enterpriseProjectNotFound; unconfirmed: saved, but an instance may not know of
 *   it yet
 */
export function replicateKey(ctx: KmsContext, input: ReplicateKeyInput): Promise<KeyView> {
  const attempt = {
    action: 'replicateKey',
    resourceId: input.keyId.slice(0, 300),
    projectId: input.projectId,
  }
  return attempted(ctx, attempt, async () => {
    try {
      return await inTransaction(ctx, (tx) => insertReplica(tx, input), { write: true })
    } catch (error) {
      if (violatedIndex(error) === 'key_name')
        throw new KmsError('keyNameTaken', { field: 'key_alias', cause: error })
      throw error
    }
  })
}

async function insertReplica(tx: Tx, input: ReplicateKeyInput): Promise<KeyView> {
  const { accountId } = tx.ctx
  requireRight(tx, 'kms:cmk:replicate', input.projectId)
  requireRight(tx, 'kms:cmk:create', input.replicaProjectId)
  // Projects are locked before keys, as creating a key does.
  await tx.sql.$queryRaw`SELECT 1 FROM project
    WHERE account_id = ${accountId}::uuid AND id = ${input.replicaProjectId} FOR UPDATE`
  const primary = await lockKey(tx, input.projectId, input.keyId, 'change')
  requireReplicable(primary)
  await requireFreeRegion(tx, primary, input)
  const quota = await readQuota(tx, input.replicaProjectId)
  if (await isQuotaReached(tx, input.replicaProjectId, quota))
    throw new KmsError('keyQuotaReached', { values: { quota: quota.limit } })
  const enterpriseProject = await tx.sql.enterpriseProject.findUnique({
    where: { accountId_id: { accountId, id: input.enterpriseProjectId } },
  })
  if (!enterpriseProject) throw new KmsError('enterpriseProjectNotFound', { field: 'enterprise_project_id' })
  await tx.sql.$executeRaw`
    UPDATE key SET name_released = true WHERE account_id = ${accountId}::uuid AND project_id = ${input.replicaProjectId}
      AND name = ${input.name} AND state = '4' AND deletion_at <= ${tx.now}::timestamptz`
  const id = randomUUID()
  await tx.sql.key.create({
    data: {
      accountId,
      id,
      projectId: input.replicaProjectId,
      enterpriseProjectId: input.enterpriseProjectId,
      name: input.name,
      description: input.description,
      state: '2',
      spec: primary.spec,
      usage: primary.usage,
      origin: primary.origin,
      materialSetId: primary.material_set_id,
      primaryKeyId: primary.id,
      createdBy: tx.ctx.actor.kind === 'user' ? tx.ctx.actor.id : null,
      createdAt: tx.now,
      stateChangedAt: tx.now,
    },
  })
  if (input.tags.length > 0) {
    await tx.sql.keyTag.createMany({ data: input.tags.map((tag) => ({ accountId, keyId: id, ...tag })) })
  }
  // Now it may not be deleted: whoever reviewed its deletion before, or waits for its row, must see that it has changed.
  await tx.sql.$executeRaw`
    UPDATE key SET revision = revision + 1 WHERE account_id = ${accountId}::uuid AND id = ${primary.id}::uuid`
  await openInvalidation(tx, 'key', primary.id)
  await recordEvent(tx, {
    action: 'replicateKey',
    outcome: 'done',
    resourceId: primary.id,
    resourceName: primary.name,
    projectId: primary.project_id,
    details: { replica: id, region: input.replicaRegion, project: input.replicaProjectId },
  })
  return readKey(tx, id)
}

function requireReplicable(primary: LockedKey): void {
  if (primary.is_default) throw new KmsError('defaultKey')
  if (primary.primary_key_id !== null) throw new KmsError('replicaReadOnly')
  if (primary.state === '3') throw new KmsError('keyDisabled')
  if (primary.state === '4') throw new KmsError('keyPendingDeletion')
  if (primary.state === '5') throw new KmsError('keyPendingImport')
}

async function requireFreeRegion(tx: Tx, primary: LockedKey, input: ReplicateKeyInput): Promise<void> {
  const { accountId } = tx.ctx
  const project = await tx.sql.project.findUnique({
    where: { accountId_id: { accountId, id: input.replicaProjectId } },
    select: { regionId: true },
  })
  const taken = await tx.sql.key.count({
    where: { accountId, primaryKeyId: primary.id, project: { regionId: input.replicaRegion } },
  })
  if (project?.regionId !== input.replicaRegion || input.replicaRegion === primary.region_id || taken > 0) {
    throw new KmsError('replicaRegionInvalid', { field: 'replica_region' })
  }
}
