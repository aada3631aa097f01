import { randomUUID } from 'node:crypto'
import { violatedIndex } from '#lib/db/sql-state.ts'
import { materialFingerprint, sealMaterial } from '../crypto/sealed-material.ts'
import type { GeneratedMaterial } from '../material/generate-material.ts'
import { KmsError } from '../model/errors.ts'
import type { KeySpec, KeyUsage } from '../model/key-spec.ts'
import { openAccountKey } from '../root-key/account-key.ts'
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
  if (key.material) await insertMaterial(tx, setId, key.spec, key.material)
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

async function insertMaterial(tx: Tx, setId: string, spec: KeySpec, made: GeneratedMaterial): Promise<void> {
  const { accountId } = tx.ctx
  const account = await tx.sql.account.findUniqueOrThrow({ where: { id: accountId } })
  using accountKey = openAccountKey(tx.ctx.rootKey, accountId, account.sealedKey)
  const place = { accountId, setId, version: 1, spec }
  await tx.sql.materialVersion.create({
    data: {
      accountId,
      setId,
      version: 1,
      sealed: Uint8Array.from(sealMaterial(accountKey, place, made.material)),
      publicKey: made.publicKey ? Uint8Array.from(made.publicKey) : null,
      fingerprint: Uint8Array.from(materialFingerprint(accountKey, place, made.material)),
      createdAt: tx.now,
      activatedAt: tx.now,
    },
  })
}
