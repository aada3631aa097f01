import { randomBytes, randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { generateCheckedKeyPair } from '#lib/kms/crypto/generate-key-pair.ts'
import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import { materialFingerprint, sealMaterial } from '#lib/kms/crypto/sealed-material.ts'
import { defaultUsage, type KeySpec } from '#lib/kms/model/key-spec.ts'
import { openOwnAccountKey } from '#lib/kms/root-key/open-own-account-key.ts'
import { inTransaction } from '#lib/kms/transaction.ts'
import type { OfflineWorld } from '../scripts/testing/offline-world.ts'
import type { BareKey } from './bare-server.ts'

type Fresh = BareKey & { publicKey: Uint8Array | null; sealed: Buffer; fingerprint: Buffer }

async function freshMaterial(spec: KeySpec): Promise<{ material: Uint8Array; publicKey: Uint8Array | null }> {
  if (spec === 'AES_256') return { material: randomBytes(32), publicKey: null }
  const { privateKey, publicKey } = await generateCheckedKeyPair(spec)
  return { material: privateKey, publicKey }
}

/** Enabled keys with material that opens, many at a time, as the verb would leave them behind; with their material. */
export async function insertUsableKeys(
  world: OfflineWorld,
  { projectId, count, prefix, spec }: { projectId: string; count: number; prefix: string; spec: KeySpec },
): Promise<BareKey[]> {
  const { accountId, actor } = world.ctx
  const keys = await inTransaction(world.ctx, async (tx) => {
    using accountKey = await openOwnAccountKey(tx)
    const made: Fresh[] = []
    while (made.length < count) {
      const { material, publicKey } = await freshMaterial(spec)
      const id = randomUUID()
      const setId = randomUUID()
      using secret = KeyMaterial.take(Uint8Array.from(material))
      const place = { accountId, setId, version: 1, spec }
      const sealed = sealMaterial(accountKey, place, secret)
      const fingerprint = materialFingerprint(accountKey, place, secret)
      made.push({ id, accountId, setId, material, publicKey, sealed, fingerprint })
    }
    return made
  })
  const client = new Client({ connectionString: world.connectionString })
  await client.connect()
  try {
    await client.query('BEGIN')
    const sets = keys.map(({ setId }) => setId)
    await client.query(
      'INSERT INTO material_set (account_id, id, spec) SELECT $1, id, $3 FROM unnest($2::uuid[]) AS s (id)',
      [accountId, sets, spec],
    )
    await client.query(
      `INSERT INTO material_version (account_id, set_id, version, sealed, public_key, fingerprint, activated_at)
       SELECT $1, m.set_id, 1, m.sealed, m.public_key, m.fingerprint, now()
       FROM unnest($2::uuid[], $3::bytea[], $4::bytea[], $5::bytea[]) AS m (set_id, sealed, public_key, fingerprint)`,
      [
        accountId,
        sets,
        keys.map((key) => key.sealed),
        keys.map((key) => (key.publicKey ? Buffer.from(key.publicKey) : null)),
        keys.map((key) => key.fingerprint),
      ],
    )
    await client.query(
      `INSERT INTO key (account_id, id, project_id, name, state, spec, usage, origin, material_set_id, created_by, created_at, state_changed_at)
       SELECT $1, k.id, $2, $3 || '-' || k.id, '2', $4, $5, 'kms', k.set_id, $6, now(), now()
       FROM unnest($7::uuid[], $8::uuid[]) AS k (id, set_id)`,
      [accountId, projectId, prefix, spec, defaultUsage(spec), actor.id, keys.map(({ id }) => id), sets],
    )
    await client.query('COMMIT')
    await client.query('VACUUM (ANALYZE) key, material_set, material_version')
  } finally {
    await client.end()
  }
  return keys.map(({ id, setId, material }) => ({ id, accountId, setId, material }))
}
