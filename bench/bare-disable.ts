import { randomUUID } from 'node:crypto'
import { Client } from 'pg'

export type BareTransaction = AsyncDisposable & {
  /** One UPDATE … ANY, one INSERT of as many event rows, one COMMIT. */
  disable(): Promise<void>
  /** Makes the keys Enabled again, unmeasured. */
  enable(): Promise<void>
}

/** Weighs as much as a real event of a disabled key. */
const EVENT_BYTES = 620

/**
 * The least that disabling keys can cost on this database: no row-level security, no plan, no rights, no chain, no
 * results per key. It writes its event rows into a chain of its own.
 */
export async function bareTransaction(
  connectionString: string,
  accountId: string,
  keyIds: readonly string[],
): Promise<BareTransaction> {
  const client = new Client({ connectionString })
  await client.connect()
  const chainId = randomUUID()
  const eventsOf = await otherAccount(client)
  await client.query(
    `INSERT INTO audit_chain (id, sealed_key, last_mac, head_mac, account_id) SELECT $1, '', '', '', id FROM account WHERE id = $2`,
    [chainId, eventsOf],
  )
  const bodies = keyIds.map(() => 'x'.repeat(EVENT_BYTES))
  const macs = keyIds.map(() => 'ab'.repeat(32))
  let seq = 0
  const move = async (state: '2' | '3'): Promise<void> => {
    await client.query(
      `UPDATE key SET state = $3, revision = revision + 1, state_changed_at = now() WHERE account_id = $1 AND id = ANY($2::uuid[])`,
      [accountId, keyIds, state],
    )
  }
  return {
    async disable() {
      await client.query('BEGIN')
      await move('3')
      await client.query(
        `INSERT INTO audit_event (chain_id, seq, account_id, at, action, outcome, actor_id, resource_id, project_id, request_id, body, mac)
         SELECT $1, e.seq, $2, now(), 'disableKey', 'done', 'bench', e.key_id, 'bench', 'bench', convert_to(e.body, 'UTF8'), decode(e.mac, 'hex')
         FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[]) AS e (seq, key_id, body, mac)`,
        [chainId, eventsOf, keyIds.map(() => ++seq), keyIds, bodies, macs],
      )
      await client.query('COMMIT')
    },
    enable: () => move('2'),
    [Symbol.asyncDispose]: () => client.end(),
  }
}

/** An account may have one chain only, so the bare events hang on an account that nobody uses. */
async function otherAccount(client: Client): Promise<string> {
  const id = randomUUID()
  await client.query(`INSERT INTO account (id, domain_id, name, sealed_key) VALUES ($1, $2, 'bare', '')`, [
    id,
    id.replaceAll('-', ''),
  ])
  return id
}
