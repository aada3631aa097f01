import { Prisma } from '#lib/db/generated/client.ts'
import { parseKeyReference } from '../keys/key-reference.ts'
import { notDue } from '../keys/key-row.ts'
import { type LockedKey, lockKey } from '../keys/lock-key.ts'
import { namedKey } from '../keys/named-key.ts'
import { KmsError } from '../model/errors.ts'
import { type KeyUse, keyUses } from '../model/key-use.ts'
import { can } from '../model/permissions.ts'
import type { Tx } from '../transaction.ts'
import { findGrant, type GrantedKey, lockGrant } from './find-grant.ts'
import { inAccount } from './in-account.ts'

/** How a use names its key: id, alias or URN; or the material set that a ciphertext names. */
export type NamedKey = { keyId: string } | { setId: string }

/** The key of a use and why the caller may use it, before it is locked. */
export type FoundKey = GrantedKey & {
  by: 'right' | 'grant'
  /** The alias by which it was found, as `<region>/<alias>`. */
  alias: string | null
}

/**
 * Who may use it: a right in the project, else a grant, also one from another account. A ciphertext of a key that the
 * caller may not know of is a ciphertext that cannot be opened, like any other.
 *
 * @throws {KmsError} notPermitted, keyIdInvalid, keyNotFound, ciphertextInvalid
 */
export async function findKey(tx: Tx, use: KeyUse, projectId: string, named: NamedKey): Promise<FoundKey> {
  const { action, grant } = keyUses[use]
  const permitted = can(tx.rights, action, { projectId })
  const own = permitted ? await findOwn(tx, projectId, named) : null
  if (own) return { accountId: tx.ctx.accountId, projectId, keyId: own.id, by: 'right', alias: own.alias }
  const granted = grant === null ? null : await findGrant(tx, grant, named)
  if (granted) return { ...granted, by: 'grant', alias: null }
  if (!permitted) throw new KmsError('notPermitted')
  throw new KmsError('setId' in named ? 'ciphertextInvalid' : 'keyNotFound')
}

/**
 * Locks the key against change, and the grant that allows its use, until the transaction ends.
 *
 * @returns the id of the grant; null: it is used by a right
 */
export async function lockFound(
  tx: Tx,
  use: KeyUse,
  found: FoundKey,
): Promise<{ key: LockedKey; grantId: string | null }> {
  const { grant } = keyUses[use]
  return inAccount(tx, found.accountId, async (owner) => {
    const grantId =
      found.by === 'grant' && grant !== null ? await lockGrant(owner, tx.ctx, grant, found) : null
    return { key: await lockKey(owner, found.projectId, found.keyId, 'use'), grantId }
  })
}

async function findOwn(
  tx: Tx,
  projectId: string,
  named: NamedKey,
): Promise<{ id: string; alias: string | null } | null> {
  const reference = 'keyId' in named ? parseKeyReference(named.keyId) : null
  const condition =
    reference === null
      ? Prisma.sql`k.material_set_id = ${'setId' in named ? named.setId : ''}::uuid`
      : namedKey(reference)
  const [key] = await tx.sql.$queryRaw<{ id: string; region_id: string }[]>`
    SELECT k.id, p.region_id FROM key k JOIN project p ON p.account_id = k.account_id AND p.id = k.project_id
    WHERE k.account_id = ${tx.ctx.accountId}::uuid AND k.project_id = ${projectId} AND ${condition}
      AND ${notDue(tx.now)}`
  if (!key) return null
  return { id: key.id, alias: reference?.kind === 'alias' ? `${key.region_id}/${reference.alias}` : null }
}
