import { requireRight } from '../access/require-right.ts'
import { seeingAll } from '../access/seeing-all.ts'
import type { KmsContext } from '../context.ts'
import type { KeyInProject } from '../keys/change-key.ts'
import { lockKey } from '../keys/lock-key.ts'
import { principalOf } from '../operations/find-grant.ts'
import { inTransaction } from '../transaction.ts'
import { type GrantPage, type GrantRow, toGrantPage } from './grant-view.ts'

/**
 * The grants of a key, oldest first.
 *
 * @param input.marker how many to pass over
 * @throws {KmsError} notPermitted without `kms:grant:list` in the project, keyIdInvalid, keyNotFound
 */
export function listGrants(
  ctx: KmsContext,
  input: KeyInProject & { limit: number; marker: number },
): Promise<GrantPage> {
  return inTransaction(ctx, async (tx) => {
    requireRight(tx, 'kms:grant:list', input.projectId)
    const key = await lockKey(tx, input.projectId, input.keyId, 'use')
    const [counted] = await tx.sql.$queryRaw<[{ total: bigint }]>`
      SELECT count(*) AS total FROM key_grant WHERE account_id = ${ctx.accountId}::uuid AND key_id = ${key.id}::uuid`
    const rows = await tx.sql.$queryRaw<GrantRow[]>`
      SELECT * FROM key_grant WHERE account_id = ${ctx.accountId}::uuid AND key_id = ${key.id}::uuid
      ORDER BY created_at, id LIMIT ${input.limit + 1} OFFSET ${input.marker}`
    return toGrantPage(rows, counted.total, input.limit, input.marker)
  })
}

/**
 * The grants that the caller may retire as their retiring principal, of keys of any account, oldest first.
 *
 * @param input.marker how many to pass over
 * @throws {KmsError} notPermitted without `kms:grant:list` in the project
 */
export function listRetirableGrants(
  ctx: KmsContext,
  input: { projectId: string; limit: number; marker: number },
): Promise<GrantPage> {
  return inTransaction(ctx, async (tx) => {
    requireRight(tx, 'kms:grant:list', input.projectId)
    const principal = principalOf(ctx.actor.id)
    return seeingAll(tx, 'access-key', async () => {
      const [counted] = await tx.sql.$queryRaw<[{ total: bigint }]>`
        SELECT count(*) AS total FROM key_grant WHERE retiring_principal = ${principal}`
      const rows = await tx.sql.$queryRaw<GrantRow[]>`
        SELECT * FROM key_grant WHERE retiring_principal = ${principal}
        ORDER BY created_at, id LIMIT ${input.limit + 1} OFFSET ${input.marker}`
      return toGrantPage(rows, counted.total, input.limit, input.marker)
    })
  })
}
