import type { Superuser } from './superuser.ts'
import type { TestWorld } from './test-world.ts'

/**
 * Fills a project with believable keys by SQL: names of services and environments, every state, spec and origin, two
 * enterprise projects, two tags each, and material, none of which opens. Then brings the statistics up to date. Only in
 * a database of its own: indexes are dropped for a moment.
 */
export async function insertManyKeys(db: Superuser, w: TestWorld, count: number): Promise<void> {
  // Filled row by row, the indexes would take most of the time.
  const indexes = await db.run(
    `SELECT i.indexname AS name, i.indexdef AS definition FROM pg_indexes i
     WHERE i.tablename IN ('key', 'key_activity', 'key_tag') AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)`,
  )
  for (const { name } of indexes) await db.run(`DROP INDEX "${name}"`)
  await db.run(
    `INSERT INTO enterprise_project (account_id, id, name) VALUES ($1, 'e-1', 'Alpha'), ($1, 'e-2', 'beta')`,
    [w.accountId],
  )
  await db.run(
    `INSERT INTO material_set (account_id, id, spec)
     SELECT $1, md5('set ' || n)::uuid, 'AES_256' FROM generate_series(1, $2::integer) n`,
    [w.accountId, count],
  )
  await db.run(
    `INSERT INTO material_version (account_id, set_id, version, sealed, fingerprint, activated_at)
     SELECT $1, md5('set ' || n)::uuid, 1, decode(repeat('00', 90), 'hex'), decode(repeat('00', 32), 'hex'), now()
     FROM generate_series(1, $2::integer) n WHERE n % 10 <> 0`,
    [w.accountId, count],
  )
  await db.run(
    `INSERT INTO key (account_id, id, project_id, enterprise_project_id, name, description, state, spec, usage, origin,
       material_set_id, created_at, state_changed_at, deletion_at)
     SELECT $1, md5('key ' || n)::uuid, $2, (ARRAY['0', '0', '0', 'e-1', 'e-2'])[1 + n % 5],
       (ARRAY['orders', 'Billing', 'users', 'search', 'ledger', 'Media'])[1 + n % 6] || '-'
         || (ARRAY['prod', 'staging', 'test'])[1 + n / 6 % 3] || '_key-' || n
         || CASE WHEN n % 5000 = 7 THEN '-Zebra' ELSE '' END,
       'Encrypts what service ' || n || ' stores',
       CASE WHEN n % 10 = 0 THEN '5' WHEN n % 10 = 1 THEN '4' WHEN n % 10 < 4 THEN '3' ELSE '2' END,
       (ARRAY['AES_256', 'AES_256', 'RSA_3072', 'EC_P256'])[1 + n % 4],
       (ARRAY['ENCRYPT_DECRYPT', 'ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'SIGN_VERIFY'])[1 + n % 4],
       CASE WHEN n % 10 = 0 THEN 'external' ELSE 'kms' END,
       md5('set ' || n)::uuid, now() - n * interval '7 minutes', now() - n * interval '3 minutes',
       CASE WHEN n % 10 = 1 THEN now() + (1 + n % 90) * interval '1 day' END
     FROM generate_series(1, $3::integer) n`,
    [w.accountId, w.projectId, count],
  )
  // A superuser's rows start no triggers. Every third key was never used.
  await db.run(
    `INSERT INTO key_activity (account_id, key_id, project_id, is_default, last_used_at, calls_30_days, counted_on)
     SELECT $1, md5('key ' || n)::uuid, $2, false, CASE WHEN n % 3 > 0 THEN now() - n * interval '5 minutes' END,
       CASE WHEN n % 3 > 0 THEN n % 1000 ELSE 0 END, now()::date
     FROM generate_series(1, $3::integer) n`,
    [w.accountId, w.projectId, count],
  )
  await db.run(
    `INSERT INTO key_tag (account_id, key_id, key, value)
     SELECT $1::uuid, md5('key ' || n)::uuid, 'env', (ARRAY['prod', 'staging', 'test'])[1 + n / 6 % 3]
     FROM generate_series(1, $2::integer) n
     UNION ALL
     SELECT $1::uuid, md5('key ' || n)::uuid, 'team', 'team ' || n % 500 FROM generate_series(1, $2::integer) n`,
    [w.accountId, count],
  )
  for (const { definition } of indexes) await db.run(String(definition))
  for (const table of [
    'key',
    'key_activity',
    'key_tag',
    'material_set',
    'material_version',
    'enterprise_project',
  ]) {
    await db.run(`VACUUM (ANALYZE) "${table}"`)
  }
}
