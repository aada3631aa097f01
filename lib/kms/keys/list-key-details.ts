import { Prisma } from '#lib/db/generated/client.ts'
import { requireRight } from '../access/require-right.ts'
import type { KmsContext } from '../context.ts'
import type { KeySpec } from '../model/key-spec.ts'
import type { KeyState } from '../model/key-state.ts'
import { inTransaction } from '../transaction.ts'
import { type KeyDetails, selectKeyDetails } from './key-details.ts'
import { notDue } from './key-row.ts'

export type ListKeyDetailsInput = {
  projectId: string
  limit: number
  /** How many keys to pass over. */
  offset: number
  state: KeyState | null
  /** Null: keys of every spec. */
  spec: KeySpec | null
  /** Null: keys of every enterprise project. */
  enterpriseProjectId: string | null
}

/**
 * Keys of a project, default keys among them, oldest first: a key that is created meanwhile comes last and moves no page
 * (Huawei KMS, list keys).
 *
 * @throws {KmsError} notPermitted without `kms:cmk:list` in the project
 */
export function listKeyDetails(
  ctx: KmsContext,
  input: ListKeyDetailsInput,
): Promise<{ keys: KeyDetails[]; total: number }> {
  return inTransaction(ctx, async (tx) => {
    requireRight(tx, 'kms:cmk:list', input.projectId)
    const conditions = [Prisma.sql`k.project_id = ${input.projectId}`, notDue(tx.now)]
    if (input.state) conditions.push(Prisma.sql`k.state = ${input.state}`)
    if (input.spec) conditions.push(Prisma.sql`k.spec = ${input.spec}`)
    if (input.enterpriseProjectId)
      conditions.push(Prisma.sql`k.enterprise_project_id = ${input.enterpriseProjectId}`)
    const condition = Prisma.join(conditions, ' AND ')
    const [counted] = await tx.sql.$queryRaw<[{ total: bigint }]>`
      SELECT count(*) AS total FROM key k WHERE k.account_id = ${ctx.accountId}::uuid AND ${condition}`
    const keys = await selectKeyDetails(
      tx,
      condition,
      Prisma.sql`k.created_at, k.id LIMIT ${input.limit} OFFSET ${input.offset}`,
    )
    return { keys, total: Number(counted.total) }
  })
}
