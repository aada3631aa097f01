import { Prisma } from '#lib/db/generated/client.ts'
import { KmsError } from '../model/errors.ts'
import type { KeySpec, KeyUsage } from '../model/key-spec.ts'
import type { KeyState } from '../model/key-state.ts'
import type { Tx } from '../transaction.ts'
import { parseKeyReference } from './key-reference.ts'
import { notDue } from './key-row.ts'
import { namedKey } from './named-key.ts'

/** A key whose row is locked until the transaction ends. */
export type LockedKey = {
  id: string
  name: string
  description: string
  project_id: string
  region_id: string
  state: KeyState
  spec: KeySpec
  usage: KeyUsage
  origin: 'kms' | 'external'
  is_default: boolean
  material_set_id: string
  primary_key_id: string | null
  revision: number
}

/** What is selected of `key k JOIN project p` for a LockedKey. */
export const lockedKeyColumns = Prisma.sql`k.id, k.name, k.description, k.project_id, p.region_id, k.state, k.spec,
  k.usage, k.origin, k.is_default, k.material_set_id, k.primary_key_id, k.revision`

/**
 * Finds a key of the account in one of its projects by id or alias and locks its row: `use` lets others use it
 * meanwhile but not change it, `change` neither. A due key, and a key of another project, is not found; so is a key for
 * which `key_id` is an alias of another region.
 *
 * @throws {KmsError} keyIdInvalid, keyNotFound
 */
export function lockKey(
  tx: Tx,
  projectId: string,
  reference: string,
  lock: 'use' | 'change',
): Promise<LockedKey> {
  const mode = lock === 'use' ? Prisma.sql`FOR SHARE OF k` : Prisma.sql`FOR UPDATE OF k`
  return findKey(tx, projectId, reference, mode)
}

/**
 * Finds a key as `lockKey` does, without a lock: what it says may have changed already.
 *
 * @throws {KmsError} keyIdInvalid, keyNotFound
 */
export function peekKey(tx: Tx, projectId: string, reference: string): Promise<LockedKey> {
  return findKey(tx, projectId, reference, Prisma.empty)
}

async function findKey(tx: Tx, projectId: string, reference: string, lock: Prisma.Sql): Promise<LockedKey> {
  const named = namedKey(parseKeyReference(reference))
  const [key] = await tx.sql.$queryRaw<LockedKey[]>`
    SELECT ${lockedKeyColumns} FROM key k JOIN project p ON p.account_id = k.account_id AND p.id = k.project_id
    WHERE k.account_id = ${tx.ctx.accountId}::uuid AND k.project_id = ${projectId} AND ${named} AND ${notDue(tx.now)}
    ${lock}`
  if (!key) throw new KmsError('keyNotFound')
  return key
}
