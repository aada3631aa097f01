import { Prisma } from '#lib/db/generated/client.ts'
import { requireRight } from '../access/require-right.ts'
import type { KmsContext } from '../context.ts'
import { notDue } from '../keys/key-row.ts'
import { inTransaction } from '../transaction.ts'
import { type AliasRow, type AliasView, toAliasView } from './alias-view.ts'

/**
 * The aliases of the project's keys, or of one of them, in the order of their names.
 *
 * @param input.marker the last alias of the page before; empty or left out: from the start
 * @param input.limit most aliases on the page
 * @throws {KmsError} notPermitted without `kms:alias:list` in the project
 */
export function listAliases(
  ctx: KmsContext,
  input: { projectId: string; keyId?: string | undefined; marker?: string | undefined; limit: number },
): Promise<{ aliases: AliasView[]; nextMarker: string }> {
  return inTransaction(ctx, async (tx) => {
    requireRight(tx, 'kms:alias:list', input.projectId)
    const ofKey = input.keyId ? Prisma.sql`AND k.id::text = ${input.keyId}` : Prisma.empty
    const rows = await tx.sql.$queryRaw<AliasRow[]>`
      SELECT a.*, o.domain_id FROM key_alias a
        JOIN key k ON k.account_id = a.account_id AND k.id = a.key_id
        JOIN account o ON o.id = a.account_id
      WHERE a.account_id = ${ctx.accountId}::uuid AND k.project_id = ${input.projectId} ${ofKey}
        AND ${notDue(tx.now)} AND a.alias > ${input.marker ?? ''} COLLATE "C"
      ORDER BY a.alias COLLATE "C" LIMIT ${input.limit + 1}`
    const page = rows.slice(0, input.limit)
    return {
      aliases: page.map(toAliasView),
      nextMarker: rows.length > input.limit ? (page.at(-1)?.alias ?? '') : '',
    }
  })
}
