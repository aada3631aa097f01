import type { Database } from '#lib/db/client.ts'
import { recordEvents } from '../audit/record-events.ts'
import { eachAccount } from '../each-account.ts'
import { jobsContext } from '../jobs-context.ts'
import { notDue } from '../keys/key-row.ts'
import { type KeySet, lockKeySet } from '../keys/lock-key-set.ts'
import { KmsError } from '../model/errors.ts'
import type { RootKey } from '../root-key/root-key.ts'
import { inSystemTransaction, inTransaction, type Tx } from '../transaction.ts'
import { changeSet } from './change-set.ts'
import { materialGone } from './material-gone.ts'
import { vacuumMaterial } from './vacuum-material.ts'

export type ExpireOptions = {
  db: Database
  rootKey: RootKey
  /** Tests only: replaces the database clock. */
  now?: (databaseClock: Date) => Date
}

/** Sets looked up at once. */
const batch = 100

/**
 * Deletes imported material whose moment has come; its keys wait for import again. It has been unusable since that
 * moment, whether or not this ran. Answers how many sets lost material. Whether the clocks can be trusted is for the
 * caller to decide, before (Huawei KMS, importing key material: expired material is deleted within 24 hours).
 *
 * @throws {AggregateError} once every account has been tried
 */
export async function expireMaterial(options: ExpireOptions): Promise<number> {
  const { db } = options
  const accounts = await inSystemTransaction(db, 'jobs', async (sql, clock) => {
    const now = options.now?.(clock) ?? clock
    return sql.$queryRaw<{ account_id: string }[]>`
      SELECT DISTINCT account_id FROM material_version
      WHERE expires_at <= ${now}::timestamptz AND sealed IS NOT NULL ORDER BY account_id`
  })
  let expired = 0
  try {
    await eachAccount(
      accounts.map((account) => account.account_id),
      async (accountId) => {
        const ctx = jobsContext(options, accountId)
        let done: number
        do {
          done = 0
          for (const { id, project_id: projectId } of await inTransaction(ctx, findExpired)) {
            if (await inTransaction(ctx, (tx) => expireSet(tx, projectId, id), { write: true })) done++
          }
          expired += done
        } while (done === batch)
      },
    )
  } finally {
    if (expired > 0) await vacuumMaterial(db)
  }
  return expired
}

/** One key of each set that holds expired material, the primary before its replicas. A due key is destroyed instead. */
function findExpired(tx: Tx): Promise<{ id: string; project_id: string }[]> {
  return tx.sql.$queryRaw<{ id: string; project_id: string }[]>`
    SELECT DISTINCT ON (m.set_id) k.id, k.project_id
    FROM material_version m JOIN key k ON k.account_id = m.account_id AND k.material_set_id = m.set_id
    WHERE m.account_id = ${tx.ctx.accountId}::uuid AND m.expires_at <= ${tx.now}::timestamptz AND m.sealed IS NOT NULL
      AND ${notDue(tx.now)}
    ORDER BY m.set_id, k.primary_key_id NULLS FIRST, k.id LIMIT ${batch}`
}

async function expireSet(tx: Tx, projectId: string, keyId: string): Promise<boolean> {
  const set = await lockKeySet(tx, projectId, keyId).catch(orGone)
  if (!set) return false
  const { accountId } = tx.ctx
  const due = { accountId, setId: set.key.material_set_id, expiresAt: { lte: tx.now }, sealed: { not: null } }
  // Due is asked again under the locks: material imported anew a moment ago stays.
  const unused = await tx.sql.materialVersion.deleteMany({ where: { ...due, activatedAt: null } })
  const used = await tx.sql.materialVersion.updateMany({ where: due, data: { sealed: null } })
  if (unused.count + used.count === 0) return false
  const events = await changeSet(tx, set, used.count > 0 ? materialGone : null, {
    action: 'expireKeyMaterial',
    details: { versions: used.count, waiting: unused.count },
  })
  await recordEvents(tx, events)
  return true
}

function orGone(error: unknown): KeySet | null {
  if (error instanceof KmsError && error.code === 'keyNotFound') return null
  throw error
}
