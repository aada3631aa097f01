import { requireRight } from '../access/require-right.ts'
import { seeingAll } from '../access/seeing-all.ts'
import { attempted } from '../audit/attempted.ts'
import { recordEvent } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import { awaitOpenInvalidations, openInvalidation } from '../invalidations/open-invalidation.ts'
import type { KeyInProject } from '../keys/change-key.ts'
import { parseKeyReference } from '../keys/key-reference.ts'
import { lockKey } from '../keys/lock-key.ts'
import { KmsError } from '../model/errors.ts'
import { can } from '../model/permissions.ts'
import { principalOf } from '../operations/find-grant.ts'
import { inAccount } from '../operations/in-account.ts'
import { inTransaction, type Tx } from '../transaction.ts'

type GrantOfKey = KeyInProject & { grantId: string }

/**
 * Takes a grant back, in the name of the key's owner. No use under it that begins after this returns succeeds; grants
 * the grantee passed on stay (Huawei KMS, revoke grant).
 *
 * @throws {KmsError} notPermitted without `kms:grant:revoke` in the project, keyIdInvalid, keyNotFound, grantNotFound,
 *   grantOfOtherKey; unconfirmed: saved, but an instance may not know of it yet
 */
export function revokeGrant(ctx: KmsContext, input: GrantOfKey): Promise<void> {
  return attempted(ctx, attemptOf('revokeGrant', input), () =>
    inTransaction(
      ctx,
      async (tx) => {
        requireRight(tx, 'kms:grant:revoke', input.projectId)
        const key = await lockKey(tx, input.projectId, input.keyId, 'change')
        const grant = await lockGrant(tx, input.grantId)
        if (grant.key_id !== key.id) throw new KmsError('grantOfOtherKey', { field: 'grant_id' })
        await deleteGrant(tx, 'revokeGrant', grant)
      },
      { write: true },
    ),
  )
}

/**
 * Gives a grant up: its issuer, its retiring principal, and its grantee when it holds retire-grant may (Huawei KMS,
 * retire grant). The key may belong to another account.
 *
 * @throws {KmsError} keyIdInvalid, grantNotFound (also when the caller is none of these), grantOfOtherKey;
 *   unconfirmed: saved, but an instance may not know of it yet
 */
export function retireGrant(ctx: KmsContext, input: GrantOfKey): Promise<void> {
  return attempted(ctx, attemptOf('retireGrant', input), () =>
    inTransaction(ctx, (tx) => retire(tx, input), { write: true }),
  )
}

async function retire(tx: Tx, input: GrantOfKey): Promise<void> {
  const reference = parseKeyReference(input.keyId)
  // Whoever issued it, or is to retire it, may be of another account than its owner and its grantee.
  const [visible] = await seeingAll(
    tx,
    'access-key',
    () => tx.sql.$queryRaw<{ account_id: string }[]>`
      SELECT account_id FROM key_grant WHERE id = ${input.grantId}`,
  )
  if (!visible || (tx.rights.kind === 'user' && tx.rights.status !== 'active')) {
    await awaitEnd(tx, input.grantId)
    throw new KmsError('grantNotFound')
  }
  const { domainId } = await tx.sql.account.findUniqueOrThrow({
    where: { id: tx.ctx.accountId },
    select: { domainId: true },
  })
  const isOwn = visible.account_id === tx.ctx.accountId
  await inAccount(tx, visible.account_id, async (owner) => {
    const grant = await lockGrant(owner, input.grantId)
    const hasRight = isOwn && can(tx.rights, 'kms:grant:retire', { projectId: grant.project_id })
    if (!hasRight && !mayRetire(grant, principalOf(tx.ctx.actor.id), domainId))
      throw new KmsError('grantNotFound')
    if (reference.kind === 'id' && reference.id !== grant.key_id) {
      throw new KmsError('grantOfOtherKey', { field: 'grant_id' })
    }
    await deleteGrant(owner, 'retireGrant', grant)
  })
}

/** A grant that is gone may have been another account's: who repeats a call does not know any more whose it was. */
async function awaitEnd(tx: Tx, grantId: string): Promise<void> {
  const open = await seeingAll(
    tx,
    'instance',
    () => tx.sql.$queryRaw<{ id: bigint }[]>`
      SELECT id FROM invalidation WHERE subject_kind = 'grant' AND subject_id = ${grantId} AND closed_at IS NULL`,
  )
  tx.invalidations.push(...open.map(({ id }) => id))
}

function mayRetire(grant: LockedGrant, user: string, domainId: string): boolean {
  const grantee = grant.grantee_type === 'user' ? user : domainId
  return (
    grant.issuing_principal === user ||
    grant.retiring_principal === user ||
    grant.retiring_principal === domainId ||
    (grant.operations.includes('retire-grant') && grant.grantee_principal === grantee)
  )
}

type LockedGrant = {
  id: string
  key_id: string
  key_name: string
  project_id: string
  grantee_type: 'user' | 'domain'
  grantee_principal: string
  issuing_principal: string
  retiring_principal: string | null
  operations: string[]
}

async function lockGrant(tx: Tx, grantId: string): Promise<LockedGrant> {
  const [grant] = await tx.sql.$queryRaw<LockedGrant[]>`
    SELECT g.id, g.key_id, k.name AS key_name, k.project_id, g.grantee_type, g.grantee_principal, g.issuing_principal,
      g.retiring_principal, g.operations
    FROM key_grant g JOIN key k ON k.account_id = g.account_id AND k.id = g.key_id
    WHERE g.account_id = ${tx.ctx.accountId}::uuid AND g.id = ${grantId} FOR UPDATE OF g`
  if (!grant) {
    await awaitOpenInvalidations(tx, 'grant', grantId)
    throw new KmsError('grantNotFound', { field: 'grant_id' })
  }
  return grant
}

async function deleteGrant(tx: Tx, event: 'revokeGrant' | 'retireGrant', grant: LockedGrant): Promise<void> {
  await tx.sql.keyGrant.deleteMany({ where: { accountId: tx.ctx.accountId, id: grant.id } })
  await openInvalidation(tx, 'grant', grant.id)
  await recordEvent(tx, {
    action: event,
    outcome: 'done',
    resourceId: grant.key_id,
    resourceName: grant.key_name,
    projectId: grant.project_id,
    details: { grant: grant.id, grantee: grant.grantee_principal },
  })
}

const attemptOf = (action: string, input: GrantOfKey) => ({
  action,
  resourceId: input.keyId.slice(0, 300),
  projectId: input.projectId,
})
