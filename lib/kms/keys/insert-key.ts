import { randomUUID } from 'node:crypto'
import { violatedIndex } from '#lib/db/sql-state.ts'
import type { GeneratedMaterial } from '../material/generate-material.ts'
import { insertVersion } from '../material/material-versions.ts'
import { KmsError } from '../model/errors.ts'
import type { KeySpec, KeyUsage } from '../model/key-spec.ts'
import { openOwnAccountKey } from '../root-key/open-own-account-key.ts'
import type { Tx } from '../transaction.ts'

export type NewKey = {
  projectId: string
  enterpriseProjectId: string
  name: string
  description: string
  spec: KeySpec
  usage: KeyUsage
  isDefault: boolean
  tags: readonly { key: string; value: string }[]
  /** Null for an external key: it waits for import. */
  material: GeneratedMaterial | null
}

/**
 * Inserts a key with its material set and, unless it is external, its first material version sealed under the account
 * key. Returns the key's id. A due key that was not destroyed yet gives up its name; its material is not touched.
 *
 * @throws {KmsError} keyNameTaken, enterpriseProjectNotFound, with their fields
 */
export async function insertKey(tx: Tx, key: NewKey): Promise<string> {
  const { accountId } = tx.ctx
  const id = randomUUID()
  const setId = randomUUID()
  const enterpriseProject = await tx.sql.enterpriseProject.findUnique({
    where: { accountId_id: { accountId, id: key.enterpriseProjectId } },
  })
  if (!enterpriseProject) throw new KmsError('enterpriseProjectNotFound', { field: 'enterpriseProjectId' })
  await tx.sql.$executeRaw`
    UPDATE key SET name_released = true WHERE account_id = ${accountId}::uuid AND project_id = ${key.projectId}
      AND name = ${key.name} AND state = '4' AND deletion_at <= ${tx.now}::timestamptz`
  await tx.sql.materialSet.create({ data: { accountId, id: setId, spec: key.spec, createdAt: tx.now } })
  if (key.material) {
    using accountKey = await openOwnAccountKey(tx)
    await insertVersion(tx, accountKey, { setId, version: 1, spec: key.spec }, key.material, {
      activatedAt: tx.now,
      expiresAt: null,
    })
  }
  try {
    await tx.sql.key.create({
      data: {
        accountId,
        id,
        projectId: key.projectId,
        enterpriseProjectId: key.enterpriseProjectId,
        name: key.name,
        description: key.description,
        state: key.material ? '2' : '5',
        spec: key.spec,
        usage: key.usage,
        origin: key.material ? 'kms' : 'external',
        isDefault: key.isDefault,
        materialSetId: setId,
        createdBy: tx.ctx.actor.kind === 'user' ? tx.ctx.actor.id : null,
        createdAt: tx.now,
        stateChangedAt: tx.now,
      },
    })
  } catch (error) {
    if (violatedIndex(error) === 'key_name')
      throw new KmsError('keyNameTaken', { field: 'name', cause: error })
    throw error
  }
  if (key.tags.length > 0) {
    await tx.sql.keyTag.createMany({ data: key.tags.map((tag) => ({ accountId, keyId: id, ...tag })) })
  }
  return id
}
