import type { Prisma } from '#lib/db/generated/client.ts'
import type { RootKey } from '#lib/kms/root-key/root-key.ts'
import { openAuditKey } from './audit-key.ts'
import { type AuditEvent, type AuditOrigin, eventBody, eventMac, headMac } from './event.ts'

type Head = { id: string; sealed_key: Uint8Array; head_seq: bigint; last_mac: Uint8Array }

/**
 * Appends events to the chain of an account (null: of the installation) inside the caller's transaction, and returns
 * their sequence numbers. The row lock on the head puts writers of one account in order for a moment: it must be the
 * last lock the transaction takes.
 */
export async function appendEvents(
  sql: Prisma.TransactionClient,
  rootKey: RootKey,
  accountId: string | null,
  origin: AuditOrigin,
  now: Date,
  events: readonly AuditEvent[],
): Promise<bigint[]> {
  if (events.length === 0) return []
  const [head] = await sql.$queryRaw<Head[]>`
    SELECT id, sealed_key, head_seq, last_mac FROM audit_chain
    WHERE account_id IS NOT DISTINCT FROM ${accountId}::uuid FOR UPDATE`
  if (!head) throw new Error('the audit chain is missing')
  using auditKey = openAuditKey(rootKey, { id: head.id, accountId }, head.sealed_key)
  const key = auditKey.reveal()
  const rows: { seq: bigint; body: string; mac: Buffer }[] = []
  let seq = head.head_seq
  let previous = Buffer.from(head.last_mac)
  for (const event of events) {
    seq++
    const body = eventBody(head.id, seq, now, previous, origin, event)
    const mac = eventMac(key, body)
    rows.push({ seq, body, mac })
    previous = mac
  }
  await sql.$executeRaw`
    WITH added AS (
      INSERT INTO audit_event (chain_id, seq, account_id, at, action, outcome, actor_id, resource_id, project_id, request_id, body, mac)
      SELECT ${head.id}::uuid, e.seq, ${accountId}::uuid, ${now}::timestamptz, e.action, e.outcome, ${origin.actor?.id ?? null},
        e.resource, e.project, ${origin.requestId}, convert_to(e.body, 'UTF8'), decode(e.mac, 'hex')
      FROM unnest(
        ${rows.map((row) => row.seq)}::bigint[], ${events.map((event) => event.action)}::text[],
        ${events.map((event) => event.outcome)}::text[], ${events.map((event) => event.resourceId ?? null)}::text[],
        ${events.map((event) => event.projectId ?? null)}::text[], ${rows.map((row) => row.body)}::text[],
        ${rows.map((row) => row.mac.toString('hex'))}::text[]
      ) AS e (seq, action, outcome, resource, project, body, mac)
    )
    UPDATE audit_chain SET head_seq = ${seq}, last_mac = ${previous}, head_mac = ${headMac(key, head.id, seq, previous)}
    WHERE id = ${head.id}::uuid`
  return rows.map((row) => row.seq)
}
