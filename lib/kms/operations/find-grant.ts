import { parseKeyReference } from '../keys/key-reference.ts'
import { type LockedKey, lockKey } from '../keys/lock-key.ts'
import type { GrantOperation } from '../model/key-use.ts'
import type { Tx } from '../transaction.ts'

/** The id by which grants name a user: the UUID without hyphens, since principals are letters and digits only. */
export const principalOf = (userId: string): string => userId.replaceAll('-', '')

/**
 * A live grant that lets the caller do `operation` with the key, and the key, both locked. The key may belong to
 * another account; then the answer's transaction continues in the name of that account, where the caller has no right
 * but the grant. Null: none. A suspended user has no grants.
 *
 * A grant names users (`user`) or every user of an account (`domain`). Source: Huawei KMS, grants.
 */
export async function findGrant(
  tx: Tx,
  operation: GrantOperation,
  input: { key: { keyId: string } | { setId: string } },
): Promise<{ tx: Tx; key: LockedKey } | null> {
  if (tx.ctx.actor.kind !== 'user' || (tx.rights.kind === 'user' && tx.rights.status !== 'active'))
    return null
  const grants = await tx.sql.$queryRaw<{ account_id: string; key_id: string }[]>`
    SELECT g.account_id, g.key_id FROM key_grant g JOIN account mine ON mine.id = ${tx.ctx.accountId}::uuid
    WHERE g.grantee_account_id = mine.id AND ${operation} = ANY(g.operations)
      AND ((g.grantee_type = 'user' AND g.grantee_principal = ${principalOf(tx.ctx.actor.id)})
        OR (g.grantee_type = 'domain' AND g.grantee_principal = mine.domain_id))
      AND (${grantedKey(input)}::uuid IS NULL OR g.key_id = ${grantedKey(input)}::uuid)`
  for (const grant of grants) {
    const owner = await asAccount(tx, grant.account_id)
    const [key] = await owner.sql.$queryRaw<{ project_id: string; material_set_id: string }[]>`
      SELECT k.project_id, k.material_set_id FROM key k JOIN key_grant g ON g.account_id = k.account_id AND g.key_id = k.id
      WHERE k.account_id = ${grant.account_id}::uuid AND k.id = ${grant.key_id}::uuid
        AND ${operation} = ANY(g.operations) FOR SHARE OF k, g`
    if (!key || ('setId' in input.key && key.material_set_id !== input.key.setId)) {
      await asAccount(tx, tx.ctx.accountId)
      continue
    }
    return { tx: owner, key: await lockKey(owner, key.project_id, grant.key_id, 'use') }
  }
  return null
}

/** Aliases belong to their account: a grantee of another names the key by its id. */
function grantedKey(input: { key: { keyId: string } | { setId: string } }): string | null {
  if ('setId' in input.key) return null
  const parsed = parseKeyReference(input.key.keyId)
  return parsed.kind === 'id' ? parsed.id : '00000000-0000-0000-0000-000000000000'
}

/** Goes on in the name of another account: its rows become visible, the caller's own no longer are. */
async function asAccount(tx: Tx, accountId: string): Promise<Tx> {
  await tx.sql.$executeRaw`SELECT set_config('keystead.account', ${accountId}, true)`
  return { ...tx, ctx: { ...tx.ctx, accountId }, rights: { kind: 'user', status: 'active', assignments: [] } }
}
