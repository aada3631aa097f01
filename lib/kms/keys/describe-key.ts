import { Prisma } from '#lib/db/generated/client.ts'
import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import { can } from '../model/permissions.ts'
import { findGrant } from '../operations/find-grant.ts'
import { inAccount } from '../operations/in-account.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import type { KeyInProject } from './change-key.ts'
import { type KeyDetails, selectKeyDetails } from './key-details.ts'
import { lockKey } from './lock-key.ts'

/**
 * One key of a project, in whatever state; a due key is not found (Huawei KMS, describe key). Who lacks the right may
 * hold a grant for it, also from another account.
 *
 * @throws {KmsError} notPermitted, keyIdInvalid, keyNotFound
 */
export function describeKey(ctx: KmsContext, input: KeyInProject): Promise<KeyDetails> {
  return inTransaction(ctx, async (tx) => {
    const permitted = can(tx.rights, 'kms:cmk:get', { projectId: input.projectId })
    const own = permitted ? await ownKey(tx, input) : null
    if (own) return details(tx, own)
    const granted = await findGrant(tx, 'describe-key', { keyId: input.keyId })
    if (granted) return inAccount(tx, granted.accountId, (owner) => details(owner, granted.keyId))
    throw new KmsError(permitted ? 'keyNotFound' : 'notPermitted')
  })
}

async function ownKey(tx: Tx, { projectId, keyId }: KeyInProject): Promise<string | null> {
  try {
    return (await lockKey(tx, projectId, keyId, 'use')).id
  } catch (error) {
    if (error instanceof KmsError && error.code === 'keyNotFound') return null
    throw error
  }
}

async function details(tx: Tx, keyId: string): Promise<KeyDetails> {
  const [key] = await selectKeyDetails(tx, Prisma.sql`k.id = ${keyId}::uuid`)
  if (!key) throw new KmsError('keyNotFound')
  return key
}
