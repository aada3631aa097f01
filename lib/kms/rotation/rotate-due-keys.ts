import type { Database } from '#lib/db/client.ts'
import { eachAccount } from '../each-account.ts'
import { jobsContext } from '../jobs-context.ts'
import { lockKeySet } from '../keys/lock-key-set.ts'
import { generateMaterial } from '../material/generate-material.ts'
import { isRefusal } from '../model/errors.ts'
import type { KeySpec } from '../model/key-spec.ts'
import type { RootKey } from '../root-key/root-key.ts'
import { inSystemTransaction, inTransaction, type Tx } from '../transaction.ts'
import { requireAutomatic } from './require-rotatable.ts'
import { rotateSet } from './rotate-set.ts'

export type RotateOptions = {
  db: Database
  rootKey: RootKey
  /** Tests only: replaces the database clock. */
  now?: (databaseClock: Date) => Date
}

type DueKey = { account_id: string; id: string; project_id: string; spec: KeySpec }

/** Keys rotated in one round; the rest is left to the next. */
const most = 500

/**
 * Rotates the keys whose interval has passed. A key that is Disabled or pending deletion keeps its setting and is left
 * alone; once it is Enabled again and overdue it is rotated here (Huawei KMS, rotating keys). Answers how many were
 * rotated.
 *
 * @throws {AggregateError} once every account has been tried
 */
export async function rotateDueKeys(options: RotateOptions): Promise<number> {
  const due = await findDue(options)
  const accounts = [...new Set(due.map((key) => key.account_id))]
  let rotated = 0
  await eachAccount(accounts, async (accountId) => {
    for (const key of due.filter((one) => one.account_id === accountId)) {
      if (await rotateDue(options, key)) rotated++
    }
  })
  return rotated
}

function findDue({ db, now: clock }: RotateOptions): Promise<DueKey[]> {
  return inSystemTransaction(db, 'jobs', (sql, database) => {
    const now = clock?.(database) ?? database
    return sql.$queryRaw<DueKey[]>`
      SELECT k.account_id, k.id, k.project_id, k.spec FROM key_rotation r
      JOIN key k ON k.account_id = r.account_id AND k.id = r.key_id
      WHERE r.enabled AND r.due_at <= ${now}::timestamptz AND k.state = '2' AND k.primary_key_id IS NULL
      ORDER BY r.due_at, k.id LIMIT ${most}`
  })
}

async function rotateDue(options: RotateOptions, due: DueKey): Promise<boolean> {
  const fresh = await generateMaterial(due.spec)
  try {
    const ctx = jobsContext(options, due.account_id)
    return await inTransaction(
      ctx,
      async (tx) => {
        const set = await lockKeySet(tx, due.project_id, due.id)
        requireAutomatic(set.key)
        if (!(await isDue(tx, due.id))) return false
        await rotateSet(tx, set, fresh, 'clock')
        return true
      },
      { write: true },
    )
  } catch (error) {
    // Disabled, given up or deleted a moment ago.
    if (isRefusal(error)) return false
    throw error
  } finally {
    fresh.material[Symbol.dispose]()
  }
}

/** Asked again under the lock: another process may have rotated it a moment ago. */
async function isDue(tx: Tx, keyId: string): Promise<boolean> {
  const rotation = await tx.sql.keyRotation.findUnique({
    where: { accountId_keyId: { accountId: tx.ctx.accountId, keyId } },
  })
  return rotation?.dueAt ? rotation.dueAt <= tx.now : false
}
