import type { Database } from '#lib/db/client.ts'
import { recordEvents } from '../audit/record-events.ts'
import { jobsContext } from '../jobs-context.ts'
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

type Expired = { account_id: string; key_id: string; project_id: string }

/** Sets looked up at once. */
const batch = 100

/**
 * Deletes imported material whose moment has come; its keys wait for import again. It has been unusable since that
 * moment, whether or not this ran. Answers how many sets lost material. Whether the clocks can be trusted is for the
 * caller to decide, before (Huawei KMS, importing key material: expired material is deleted within 24 hours).
 */
export async function expireMaterial(options: ExpireOptions): Promise<number> {
  const { db } = options
  let expired = 0
  let found: Expired[]
  do {
    found = await findExpired(options)
    let round = 0
    for (const { account_id: accountId, key_id: keyId, project_id: projectId } of found) {
      const ctx = jobsContext(options, accountId)
      const lost = await inTransaction(ctx, (tx) => expireSet(tx, projectId, keyId), { write: true })
      if (lost) round++
    }
    expired += round
    // A round that did nothing would be the same again: another process did its work, or a key is being destroyed.
    if (round === 0) break
  } while (found.length === batch)
  if (expired > 0) await vacuumMaterial(db)
  return expired
}

/** One key of each set that holds expired material: a primary rather than its replicas. */
function findExpired({ db, now: clock }: ExpireOptions): Promise<Expired[]> {
  return inSystemTransaction(db, 'jobs', (sql, database) => {
    const now = clock?.(database) ?? database
    return sql.$queryRaw<Expired[]>`
      SELECT DISTINCT ON (m.account_id, m.set_id) m.account_id, k.id AS key_id, k.project_id
      FROM material_version m JOIN key k ON k.account_id = m.account_id AND k.material_set_id = m.set_id
      WHERE m.expires_at <= ${now}::timestamptz AND m.sealed IS NOT NULL
        AND NOT (k.state = '4' AND k.deletion_at <= ${now}::timestamptz)
      ORDER BY m.account_id, m.set_id, k.primary_key_id NULLS FIRST, k.id LIMIT ${batch}`
  })
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
