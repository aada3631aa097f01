import { randomBytes } from 'node:crypto'
import { attempted } from '../audit/attempted.ts'
import { recordEvent } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import type { KeyInProject } from '../keys/change-key.ts'
import { type LockedKey, lockKey } from '../keys/lock-key.ts'
import { KmsError } from '../model/errors.ts'
import type { GrantOperation } from '../model/key-use.ts'
import { limits } from '../model/limits.ts'
import { can } from '../model/permissions.ts'
import { findGrant, principalOf } from '../operations/find-grant.ts'
import { inAccount } from '../operations/in-account.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import { findGrantee } from './find-grantee.ts'

export type CreateGrantInput = KeyInProject & {
  granteePrincipal: string
  granteeType: 'user' | 'domain'
  operations: readonly GrantOperation[]
  name: string
  retiringPrincipal: string | null
}

/**
 * Grants operations with a key to a user or to every user of an account, of this account or another (Huawei KMS,
 * create grant). The key must be Enabled and not a default key; it can carry 100 grants; create-grant alone cannot be
 * granted. A grantee that holds create-grant passes on only operations it holds itself; what it passed on outlives its
 * own grant. Returns the grant's id, 64 hex digits.
 *
 * @throws {KmsError} notPermitted, keyIdInvalid, keyNotFound, defaultKey, keyDisabled, keyPendingDeletion,
 *   keyPendingImport, granteeInvalid, grantOnlyCreateGrant, grantsTooMany
 */
export function createGrant(ctx: KmsContext, input: CreateGrantInput): Promise<string> {
  const attempt = {
    action: 'createGrant',
    resourceId: input.keyId.slice(0, 300),
    projectId: input.projectId,
  }
  return attempted(ctx, attempt, async () => {
    const operations = [...new Set(input.operations)]
    if (operations.length === 0 || operations.every((operation) => operation === 'create-grant')) {
      throw new KmsError('grantOnlyCreateGrant', { field: 'operations' })
    }
    // Whether a principal exists is told only to who may grant.
    await inTransaction(ctx, (tx) => requireGranting(tx, input))
    const granteeAccountId = await findGrantee(ctx.db, input.granteeType, input.granteePrincipal)
    return inTransaction(ctx, (tx) => insert(tx, { ...input, operations }, granteeAccountId), { write: true })
  })
}

/** @throws {KmsError} notPermitted, keyIdInvalid */
async function requireGranting(tx: Tx, input: CreateGrantInput): Promise<void> {
  if (can(tx.rights, 'kms:grant:create', { projectId: input.projectId })) return
  if (!(await findGrant(tx, 'create-grant', input))) throw new KmsError('notPermitted')
}

async function insert(tx: Tx, input: CreateGrantInput, granteeAccountId: string): Promise<string> {
  const mayGrant = can(tx.rights, 'kms:grant:create', { projectId: input.projectId })
  const own = mayGrant ? await findOwn(tx, input) : null
  if (own) return insertInto(tx, own, input, granteeAccountId)
  // Whoever may grant every key here passes on one of another account all the same.
  const granted = await findGrant(tx, 'create-grant', input)
  if (!granted) throw new KmsError(mayGrant ? 'keyNotFound' : 'notPermitted')
  return inAccount(tx, granted.accountId, async (owner) => {
    const key = await lockKey(owner, granted.projectId, granted.keyId, 'change')
    await requirePassable(owner, tx, key, input.operations)
    return insertInto(owner, key, input, granteeAccountId)
  })
}

async function findOwn(tx: Tx, { projectId, keyId }: CreateGrantInput): Promise<LockedKey | null> {
  try {
    return await lockKey(tx, projectId, keyId, 'change')
  } catch (error) {
    if (error instanceof KmsError && error.code === 'keyNotFound') return null
    throw error
  }
}

/** A grantee passes on what one of its own grants holds, create-grant among it, and nothing beyond. */
async function requirePassable(
  owner: Tx,
  grantee: Tx,
  key: LockedKey,
  operations: readonly GrantOperation[],
): Promise<void> {
  const locked = await owner.sql.$queryRaw<unknown[]>`
    SELECT 1 FROM key_grant g
    WHERE g.account_id = ${owner.ctx.accountId}::uuid AND g.key_id = ${key.id}::uuid
      AND g.grantee_account_id = ${grantee.ctx.accountId}::uuid
      AND (g.grantee_type = 'domain' OR g.grantee_principal = ${principalOf(grantee.ctx.actor.id)})
      AND g.operations @> ${['create-grant', ...operations]}::text[]
    FOR SHARE OF g`
  if (locked.length === 0) throw new KmsError('notPermitted')
}

async function insertInto(
  owner: Tx,
  key: LockedKey,
  input: CreateGrantInput,
  granteeAccountId: string,
): Promise<string> {
  requireEnabled(key)
  const { accountId } = owner.ctx
  const held = await owner.sql.keyGrant.count({ where: { accountId, keyId: key.id } })
  if (held >= limits.grantsPerKeyMax) throw new KmsError('grantsTooMany')
  const id = randomBytes(32).toString('hex')
  await owner.sql.keyGrant.create({
    data: {
      accountId,
      id,
      keyId: key.id,
      name: input.name,
      granteeType: input.granteeType,
      granteePrincipal: input.granteePrincipal,
      granteeAccountId,
      retiringPrincipal: input.retiringPrincipal,
      issuingPrincipal: principalOf(owner.ctx.actor.id),
      operations: [...input.operations],
      createdAt: owner.now,
    },
  })
  await recordEvent(owner, {
    action: 'createGrant',
    outcome: 'done',
    resourceId: key.id,
    resourceName: key.name,
    projectId: key.project_id,
    details: { grant: id, grantee: input.granteePrincipal, operations: input.operations.join(' ') },
  })
  return id
}

function requireEnabled(key: LockedKey): void {
  if (key.is_default) throw new KmsError('defaultKey')
  if (key.state === '3') throw new KmsError('keyDisabled')
  if (key.state === '4') throw new KmsError('keyPendingDeletion')
  if (key.state === '5') throw new KmsError('keyPendingImport')
}
