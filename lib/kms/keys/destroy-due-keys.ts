import type { Database } from '#lib/db/client.ts'
import { recordEvents } from '../audit/record-events.ts'
import { eachAccount } from '../each-account.ts'
import { openInvalidations } from '../invalidations/open-invalidation.ts'
import { jobsContext } from '../jobs-context.ts'
import { vacuumMaterial } from '../material/vacuum-material.ts'
import type { RootKey } from '../root-key/root-key.ts'
import { inSystemTransaction, inTransaction, type Tx } from '../transaction.ts'
import { appendDestroyed } from './destroyed-log.ts'

type DueKey = {
  id: string
  project_id: string
  name: string
  spec: string
  usage: string
  origin: string
  material_set_id: string
  created_at: Date
  deletion_at: Date
}

/** Keys destroyed in one transaction. */
const batch = 50

export type DestroyOptions = {
  db: Database
  rootKey: RootKey
  /** Holds destroyed.log. */
  dataDir: string
  /** Tests only: replaces the database clock. */
  now?: (databaseClock: Date) => Date
}

/**
 * Destroys the keys whose deletion moment has come: their material and fingerprints are deleted, a tombstone without
 * secrets and an audit event remain, all in one transaction per account; then the material table is vacuumed. Returns
 * how many were destroyed. Whether the clocks can be trusted is for the caller to decide, before.
 *
 * What this is worth: whoever holds the root key and an older dump, WAL archive, standby or disk snapshot can still
 * open a destroyed key.
 */
export async function destroyDueKeys(options: DestroyOptions): Promise<number> {
  const { db } = options
  const accounts = await inSystemTransaction(db, 'jobs', async (sql, clock) => {
    const now = options.now?.(clock) ?? clock
    return sql.$queryRaw<{ account_id: string }[]>`
      SELECT DISTINCT account_id FROM key WHERE state = '4' AND deletion_at <= ${now}::timestamptz ORDER BY account_id`
  })
  let destroyed = 0
  const destroyOf = async (accountId: string): Promise<void> => {
    const ctx = jobsContext(options, accountId)
    let count: number
    do {
      count = await inTransaction(ctx, (tx) => destroyBatch(tx, options.dataDir), { write: true })
      destroyed += count
    } while (count === batch)
  }
  try {
    await eachAccount(
      accounts.map((account) => account.account_id),
      destroyOf,
    )
  } finally {
    // Also when it is destroyed and not confirmed everywhere.
    if (accounts.length > 0) await vacuumMaterial(db)
  }
  return destroyed
}

async function destroyBatch(tx: Tx, dataDir: string): Promise<number> {
  const { accountId } = tx.ctx
  // Due is asked again under the lock: a deletion canceled a moment ago is not destroyed.
  const keys = await tx.sql.$queryRaw<DueKey[]>`
    SELECT k.id, k.project_id, k.name, k.spec, k.usage, k.origin, k.material_set_id, k.created_at, k.deletion_at FROM key k
    WHERE k.account_id = ${accountId}::uuid AND k.state = '4' AND k.deletion_at <= ${tx.now}::timestamptz
      AND NOT EXISTS (SELECT 1 FROM key r WHERE r.account_id = k.account_id AND r.primary_key_id = k.id)
    ORDER BY k.id LIMIT ${batch} FOR UPDATE OF k SKIP LOCKED`
  if (keys.length === 0) return 0
  const ids = keys.map((key) => key.id)
  await tx.sql.tombstone.createMany({
    data: keys.map((key) => ({
      accountId,
      keyId: key.id,
      projectId: key.project_id,
      name: key.name,
      spec: key.spec,
      usage: key.usage,
      origin: key.origin,
      createdAt: key.created_at,
      deletionAt: key.deletion_at,
      destroyedAt: tx.now,
    })),
  })
  await tx.sql.key.deleteMany({ where: { accountId, id: { in: ids } } })
  await dropUnusedSets(tx, [...new Set(keys.map((key) => key.material_set_id))])
  await openInvalidations(tx, 'key', ids)
  await recordEvents(
    tx,
    keys.map((key) => ({
      action: 'destroyKey',
      outcome: 'done',
      resourceId: key.id,
      resourceName: key.name,
      projectId: key.project_id,
      details: { spec: key.spec, origin: key.origin, deletionAt: key.deletion_at.toISOString() },
    })),
  )
  // Before the commit: a line too many names a key that is due anyway, a line too few would be forgotten by a restore.
  await appendDestroyed(
    dataDir,
    keys.map((key) => ({
      accountId,
      keyId: key.id,
      materialSetId: key.material_set_id,
      destroyedAt: tx.now.toISOString(),
    })),
  )
  return keys.length
}

/** A material set dies with its last key; while a replica or the primary is left, it lives. */
async function dropUnusedSets(tx: Tx, setIds: string[]): Promise<void> {
  const { accountId } = tx.ctx
  const unused = await tx.sql.$queryRaw<{ id: string }[]>`
    SELECT s.id FROM material_set s WHERE s.account_id = ${accountId}::uuid AND s.id = ANY(${setIds}::uuid[])
      AND NOT EXISTS (SELECT 1 FROM key k WHERE k.account_id = s.account_id AND k.material_set_id = s.id) FOR UPDATE`
  const ids = unused.map((set) => set.id)
  await tx.sql.materialVersion.deleteMany({ where: { accountId, setId: { in: ids } } })
  await tx.sql.materialSet.deleteMany({ where: { accountId, id: { in: ids } } })
  await openInvalidations(tx, 'material', ids)
}
