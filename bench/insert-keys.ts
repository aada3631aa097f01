import { Client } from 'pg'
import type { OfflineWorld } from '../scripts/testing/offline-world.ts'

/** Names like a company's, so that the substring index has something to tell apart. */
const SERVICES = [
  'payments',
  'orders',
  'billing',
  'ledger',
  'search',
  'media',
  'identity',
  'backup',
  'mail',
  'reports',
]

/**
 * Inserts Enabled keys by SQL: a hundred thousand through the verb would take longer than everything that is measured.
 * Rows and indexes are what the verb leaves behind; the material is as long as sealed material and opens nothing.
 * Dates of creation lie in the past year. Answers the ids.
 */
export async function insertKeys(
  { connectionString, ctx }: OfflineWorld,
  { projectId, count, prefix }: { projectId: string; count: number; prefix: string },
): Promise<string[]> {
  const client = new Client({ connectionString })
  await client.connect()
  try {
    await client.query('BEGIN')
    await client.query(
      'CREATE TEMPORARY TABLE fresh (id uuid, set_id uuid, spec text, name text, at timestamptz) ON COMMIT DROP',
    )
    await client.query(
      `INSERT INTO fresh SELECT gen_random_uuid(), gen_random_uuid(), ($1::text[])[1 + n % cardinality($1)],
         $2 || '/' || ($3::text[])[1 + n % cardinality($3)] || '-' || md5(n::text), now() - random() * interval '1 year'
       FROM generate_series(1, $4::integer) AS n`,
      [['AES_256', 'AES_256', 'SM4'], prefix, SERVICES, count],
    )
    await client.query(`INSERT INTO material_set (account_id, id, spec) SELECT $1, set_id, spec FROM fresh`, [
      ctx.accountId,
    ])
    await client.query(
      `INSERT INTO material_version (account_id, set_id, version, sealed, fingerprint, activated_at)
         SELECT $1, set_id, 1, decode(repeat('5e', 61), 'hex'), sha256(set_id::text::bytea), now() FROM fresh`,
      [ctx.accountId],
    )
    await client.query(
      `INSERT INTO key (account_id, id, project_id, name, state, spec, usage, origin, material_set_id, created_by, created_at, state_changed_at)
         SELECT $1, id, $2, name, '2', spec, 'ENCRYPT_DECRYPT', 'kms', set_id, $3, at, at FROM fresh`,
      [ctx.accountId, projectId, ctx.actor.id],
    )
    const { rows } = await client.query<{ id: string }>('SELECT id FROM fresh')
    await client.query('COMMIT')
    // What autovacuum would do some time later, in the middle of a measurement.
    await client.query('VACUUM (ANALYZE) key, material_set, material_version')
    return rows.map(({ id }) => id)
  } finally {
    await client.end()
  }
}
