import type { KmsContext } from '../context.ts'
import { parseKeyReference } from '../keys/key-reference.ts'
import { notDue } from '../keys/key-row.ts'
import { KmsError } from '../model/errors.ts'
import type { GrantOperation } from '../model/key-use.ts'
import type { Tx } from '../transaction.ts'
import { inAccount } from './in-account.ts'

/** The id by which grants name a user: the UUID without hyphens, since principals are letters and digits only. */
export const principalOf = (userId: string): string => userId.replaceAll('-', '')

/** A key that a grant lets the caller use, and whose it is. */
export type GrantedKey = { accountId: string; projectId: string; keyId: string }

/**
 * A key that a grant lets the caller put to `operation`; it may belong to another account. Null: none. Nothing is
 * locked: `lockGrant` decides.
 *
 * A grant names a user (`user`) or every user of an account (`domain`); a suspended user has none. Aliases belong to
 * their account, so a grantee names the key by its id, or by a ciphertext. Source: Huawei KMS, grants.
 */
export async function findGrant(
  tx: Tx,
  operation: GrantOperation,
  named: { keyId: string } | { setId: string },
): Promise<GrantedKey | null> {
  const { actor } = tx.ctx
  if (actor.kind !== 'user' || (tx.rights.kind === 'user' && tx.rights.status !== 'active')) return null
  const keyId = 'keyId' in named ? idIn(named.keyId) : null
  if ('keyId' in named && keyId === null) return null
  const owners = await tx.sql.$queryRaw<{ account_id: string; key_ids: string[] }[]>`
    SELECT g.account_id, array_agg(DISTINCT g.key_id) AS key_ids
    FROM key_grant g JOIN account mine ON mine.id = ${tx.ctx.accountId}::uuid
    WHERE g.grantee_account_id = mine.id AND ${operation} = ANY(g.operations)
      AND ((g.grantee_type = 'user' AND g.grantee_principal = ${principalOf(actor.id)})
        OR (g.grantee_type = 'domain' AND g.grantee_principal = mine.domain_id))
      AND (${keyId}::uuid IS NULL OR g.key_id = ${keyId}::uuid)
    GROUP BY g.account_id ORDER BY g.account_id`
  const setId = 'setId' in named ? named.setId : null
  for (const { account_id: accountId, key_ids: keyIds } of owners) {
    const granted = await inAccount(tx, accountId, (owner) => grantedKey(owner, keyIds, setId))
    if (granted) return { accountId, ...granted }
  }
  return null
}

/** One of the keys; of a set, the primary before its replicas. */
async function grantedKey(
  owner: Tx,
  keyIds: string[],
  setId: string | null,
): Promise<{ projectId: string; keyId: string } | null> {
  const [key] = await owner.sql.$queryRaw<{ id: string; project_id: string }[]>`
    SELECT k.id, k.project_id FROM key k
    WHERE k.account_id = ${owner.ctx.accountId}::uuid AND k.id = ANY(${keyIds}::uuid[])
      AND (${setId}::uuid IS NULL OR k.material_set_id = ${setId}::uuid) AND ${notDue(owner.now)}
    ORDER BY k.primary_key_id NULLS FIRST, k.id LIMIT 1`
  return key ? { projectId: key.project_id, keyId: key.id } : null
}

/**
 * Locks the grant together with its key, as the owner: whoever retires or revokes it waits, or was first.
 *
 * @returns its id
 * @throws {KmsError} keyNotFound if it is gone meanwhile
 */
export async function lockGrant(
  owner: Tx,
  grantee: KmsContext,
  operation: GrantOperation,
  granted: GrantedKey,
): Promise<string> {
  const [locked] = await owner.sql.$queryRaw<{ id: string }[]>`
    SELECT g.id FROM key k JOIN key_grant g ON g.account_id = k.account_id AND g.key_id = k.id
    WHERE k.account_id = ${owner.ctx.accountId}::uuid AND k.id = ${granted.keyId}::uuid
      AND g.grantee_account_id = ${grantee.accountId}::uuid AND ${operation} = ANY(g.operations)
      AND (g.grantee_type = 'domain' OR g.grantee_principal = ${principalOf(grantee.actor.id)})
    FOR SHARE OF k, g`
  if (!locked) throw new KmsError('keyNotFound')
  return locked.id
}

function idIn(reference: string): string | null {
  const parsed = parseKeyReference(reference)
  return parsed.kind === 'id' ? parsed.id : null
}
