import { timingSafeEqual } from 'node:crypto'
import type { Database } from '#lib/db/client.ts'
import { DecryptionFailed } from '#lib/kms/crypto/decryption-failed.ts'
import type { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import type { RootKey } from '#lib/kms/root-key/root-key.ts'
import { inSystemTransaction } from '../transaction.ts'
import { openAuditKey } from './audit-key.ts'
import { eventMac, headMac, noMac } from './event.ts'

/**
 * - `changed`: the event's bytes or a column beside them are not what was recorded.
 * - `removed`: the event with this number is missing.
 * - `inserted`: there is an event beyond the end of the chain.
 * - `cut off`: the end of the chain was moved.
 * - `unverifiable`: the chain's key was changed or the chain was given to another account, so that no event of it can
 *   be checked.
 */
export type AuditProblem = {
  seq: bigint
  kind: 'changed' | 'removed' | 'inserted' | 'cut off' | 'unverifiable'
}

export type ChainReport = {
  /** Null: the chain itself is gone. */
  chainId: string | null
  /** Null: the chain of the installation. */
  accountId: string | null
  /** How many events were found to be as they were recorded, from the first on. */
  events: bigint
  problem: AuditProblem | null
}

type EventRow = {
  seq: bigint
  account_id: string | null
  at: Date
  action: string
  outcome: string
  actor_id: string | null
  resource_id: string | null
  project_id: string | null
  request_id: string | null
  body: Uint8Array
  mac: Uint8Array
}

/**
 * Checks every audit chain from its first event to its head, and names the first event of each that was changed,
 * removed, inserted or cut off. Every account and the installation must have a chain. Who can write the database but
 * has no root key cannot make this pass; putting back an older copy of a whole chain with its head can, since nothing
 * outside the database remembers the head.
 *
 * @param only.accountId the chain of one account; null: of the installation
 */
export async function verifyAudit(
  db: Database,
  rootKey: RootKey,
  only: { accountId?: string | null } = {},
): Promise<ChainReport[]> {
  const chains = await inSystemTransaction(
    db,
    'administration',
    (sql) => sql.$queryRaw<{ chain_id: string | null; account_id: string | null }[]>`
      SELECT c.id AS chain_id, coalesce(c.account_id, o.account_id) AS account_id
      FROM (SELECT id AS account_id FROM account
            UNION ALL SELECT NULL FROM account HAVING count(*) > 0) o
      FULL JOIN audit_chain c ON coalesce(c.account_id::text, '') = coalesce(o.account_id::text, '')
      ORDER BY c.created_at, chain_id`,
  )
  const wanted = chains.filter((chain) => only.accountId === undefined || chain.account_id === only.accountId)
  const reports: ChainReport[] = []
  for (const { chain_id: chainId, account_id: accountId } of wanted) {
    reports.push(
      chainId === null
        ? { chainId, accountId, events: 0n, problem: { seq: 1n, kind: 'removed' } }
        : await verifyChain(db, rootKey, chainId),
    )
  }
  return reports
}

const batch = 1_000

async function verifyChain(db: Database, rootKey: RootKey, chainId: string): Promise<ChainReport> {
  // The head is read first: events appended meanwhile lie beyond it and are left for the next verification.
  const chain = await inSystemTransaction(db, 'administration', (sql) =>
    sql.auditChain.findUniqueOrThrow({ where: { id: chainId } }),
  )
  const report = (events: bigint, problem: AuditProblem | null): ChainReport => ({
    chainId,
    accountId: chain.accountId,
    events,
    problem,
  })
  using auditKey = tryOpenAuditKey(rootKey, chain)
  if (!auditKey) return report(0n, { seq: 1n, kind: 'unverifiable' })
  const key = auditKey.reveal()
  let seq = 0n
  let previous: Uint8Array = noMac
  while (seq < chain.headSeq) {
    const rows = await inSystemTransaction(
      db,
      'administration',
      (sql) => sql.$queryRaw<EventRow[]>`
        SELECT seq, account_id, at, action, outcome, actor_id, resource_id, project_id, request_id, body, mac FROM audit_event
        WHERE chain_id = ${chainId}::uuid AND seq > ${seq} AND seq <= ${chain.headSeq} ORDER BY seq LIMIT ${batch}`,
    )
    if (rows.length === 0) return report(seq, { seq: seq + 1n, kind: 'removed' })
    for (const row of rows) {
      if (row.seq !== seq + 1n) return report(seq, { seq: seq + 1n, kind: 'removed' })
      if (!isAuthentic(key, row, chainId, chain.accountId, previous))
        return report(seq, { seq: row.seq, kind: 'changed' })
      seq = row.seq
      previous = row.mac
    }
  }
  if (
    !equal(previous, chain.lastMac) ||
    !equal(headMac(key, chainId, chain.headSeq, chain.lastMac), chain.headMac)
  ) {
    return report(seq, { seq: chain.headSeq + 1n, kind: 'cut off' })
  }
  const beyond = await firstEventBeyondHead(db, chainId)
  return report(seq, beyond === null ? null : { seq: beyond, kind: 'inserted' })
}

function tryOpenAuditKey(
  rootKey: RootKey,
  chain: { id: string; accountId: string | null; sealedKey: Uint8Array },
): KeyMaterial | null {
  try {
    return openAuditKey(rootKey, chain, chain.sealedKey)
  } catch (error) {
    if (error instanceof DecryptionFailed) return null
    throw error
  }
}

function isAuthentic(
  key: Uint8Array,
  row: EventRow,
  chainId: string,
  accountId: string | null,
  previous: Uint8Array,
): boolean {
  if (!equal(eventMac(key, row.body), row.mac)) return false
  const body = JSON.parse(Buffer.from(row.body).toString('utf8')) as Record<string, unknown> & {
    actor: { id: string } | null
    resource: { id: string } | null
  }
  return (
    body.chain === chainId &&
    body.seq === Number(row.seq) &&
    body.previous === Buffer.from(previous).toString('hex') &&
    row.account_id === accountId &&
    body.at === row.at.toISOString() &&
    body.action === row.action &&
    body.outcome === row.outcome &&
    (body.actor?.id ?? null) === row.actor_id &&
    (body.resource?.id ?? null) === row.resource_id &&
    body.project === row.project_id &&
    body.request === row.request_id
  )
}

/** Head and first event beyond it in one statement, so that an event appended meanwhile is not mistaken for a forged one. */
async function firstEventBeyondHead(db: Database, chainId: string): Promise<bigint | null> {
  const [row] = await inSystemTransaction(
    db,
    'administration',
    (sql) => sql.$queryRaw<{ seq: bigint | null }[]>`
      SELECT min(e.seq) AS seq FROM audit_chain c JOIN audit_event e ON e.chain_id = c.id
      WHERE c.id = ${chainId}::uuid AND (e.seq > c.head_seq OR e.seq < 1)`,
  )
  return row?.seq ?? null
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b)
}
