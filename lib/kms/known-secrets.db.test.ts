import { randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Writable } from 'node:stream'
import { inspect } from 'node:util'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { type FreshDatabase, freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { storeAccessKey } from './access/create-administrator.ts'
import { verifyAudit } from './audit/verify-audit.ts'
import { applyChange } from './changes/apply-change.ts'
import { planChange } from './changes/plan-change.ts'
import { KeyMaterial } from './crypto/key-material.ts'
import { createDefaultKey } from './keys/create-default-key.ts'
import { listKeys } from './keys/list-keys.ts'
import { openImport } from './material/open-import.ts'
import { keyListInput } from './model/inputs/key-filter.ts'
import { defaultUsage, keySpecNames } from './model/key-spec.ts'
import { encryptData } from './operations/encrypt-data.ts'
import { RootKey } from './root-key/root-key.ts'
import { rotateKey } from './rotation/rotate-key.ts'
import { findSecrets, secretParts } from './testing/find-secrets.ts'
import { type Superuser, superuser } from './testing/superuser.ts'
import { tablesOf } from './testing/tables.ts'
import { type TestWorld, testWorld } from './testing/test-world.ts'
import { importBytes } from './testing/wrap-material.ts'
import { inSystemTransaction } from './transaction.ts'
import { BatchedUseRecorder } from './usage/use-recorder.ts'

/** Everything that was ever secret in this file: key material, account keys, audit keys, the root key. */
const secrets: Buffer[] = []
const written: string[] = []

let database: FreshDatabase
let root: Superuser
let w: TestWorld

beforeAll(async () => {
  const take = KeyMaterial.take
  vi.spyOn(KeyMaterial, 'take').mockImplementation((bytes) => {
    secrets.push(...secretParts(Buffer.from(bytes)))
    return take.call(KeyMaterial, bytes)
  })
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as (text: string | Uint8Array) => boolean
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      written.push(Buffer.from(text).toString('latin1'))
      return write(text)
    })
  }
  database = await freshDatabase()
  root = await superuser(database.connectionString, inject('superuserDatabaseUrl'))
  w = await testWorld(database.connectionString, { rootKey: new RootKey(KeyMaterial.random(32)) })
})

afterAll(async () => {
  vi.restoreAllMocks()
  await w[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

/** Every column of every row of every table, as a dump writes them. */
async function dump(): Promise<string> {
  const tables = await tablesOf(root)
  const rows: string[] = []
  for (const { name } of tables) {
    for (const { row } of await root.run(`SELECT t::text AS row FROM "${name}" t`)) rows.push(String(row))
  }
  return rows.join('\n')
}

const log: string[] = []
const logger = pino(
  { level: 'trace' },
  new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      log.push(chunk.toString())
      done()
    },
  }),
)

test('the search finds a secret in every writing, and only that one', () => {
  const [secret, other] = [randomBytes(32), randomBytes(32)]
  const writings = [
    secret.toString('hex'),
    secret.toString('hex').toUpperCase(),
    secret.toString('base64'),
    secret.toString('base64url'),
    Buffer.concat([randomBytes(1), secret]).toString('base64'),
    Buffer.concat([randomBytes(2), secret, randomBytes(5)]).toString('base64'),
    Buffer.concat([randomBytes(7), secret]),
    `\\x00${secret.toString('hex')}ff`,
    JSON.stringify({ data: secret }),
  ]
  for (const writing of writings) expect(findSecrets(writing, [other, secret])).toEqual([1])
  expect(findSecrets(randomBytes(10_000).toString('hex'), [other, secret])).toEqual([])
})

test('a dump of the database holds nothing that was ever secret', async () => {
  const keys: string[] = []
  for (const spec of keySpecNames) {
    const key = await w.makeKey({ spec, usage: defaultUsage(spec) })
    keys.push(key.id)
  }
  await createDefaultKey(w.ctx, { projectId: w.projectId, service: 'obs' })
  await inSystemTransaction(w.db, 'administration', (sql, now) =>
    storeAccessKey(
      sql,
      w.rootKey,
      now,
      { accountId: w.accountId, userId: w.ctx.actor.id },
      { id: 'AKIDOFTHISTEST', secret: randomBytes(30).toString('base64') },
    ),
  )
  for (const operation of ['disable', 'enable', 'scheduleDeletion', 'cancelDeletion'] as const) {
    const planned = await planChange(w.ctx, {
      projectId: w.projectId,
      operation,
      selection: { ids: keys },
    })
    logger.info(planned)
    const confirmed = { understood: true, pendingDays: '7', confirmation: 'DELETE' }
    const done = await applyChange(w.ctx, { changeId: planned.id, ...confirmed })
    expect(done.counts.done).toBe(keySpecNames.length)
    logger.info(done)
  }
  const set = await openImport(w.ctx, {
    projectId: w.projectId,
    keyId: (await w.makeKey({ origin: 'external' })).id,
    wrappingAlgorithm: 'RSAES_OAEP_SHA_256',
  })
  const imported = randomBytes(32)
  secrets.push(...secretParts(imported))
  const { id: importedKey } = await w.makeKey({ origin: 'external' })
  await importBytes(w, importedKey, imported)
  const { id: rotatedKey } = await w.makeKey()
  await rotateKey(w.ctx, { projectId: w.projectId, keyId: rotatedKey })
  const uses = new BatchedUseRecorder({ db: w.db, rootKey: w.rootKey, log: logger })
  const plaintext = randomBytes(48)
  secrets.push(...secretParts(plaintext))
  for (const keyId of [importedKey, rotatedKey]) {
    await encryptData({ ...w.ctx, uses }, { projectId: w.projectId, keyId, plaintext })
  }
  await uses.stop()
  logger.info(set)
  const page = await listKeys(w.ctx, keyListInput.parse({ projectId: w.projectId, pageSize: 100 }))
  logger.info({ page, ctx: { ...w.ctx, db: undefined } })
  await verifyAudit(w.db, w.rootKey)

  // One material for each key and the access key, one account key, one audit key, one root key at least.
  expect(secrets.length).toBeGreaterThan(keySpecNames.length + 5)
  const text = await dump()
  expect(text.length).toBeGreaterThan(20_000)
  expect(findSecrets(text, secrets)).toEqual([])
})

describe('what is said', () => {
  test('in answers, contexts and errors that are logged holds no secret', async () => {
    await root.run(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused: %', NEW; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON material_version FOR EACH ROW EXECUTE FUNCTION refuse();
      ALTER TABLE material_version ENABLE ALWAYS TRIGGER refuse`)
    for (const spec of ['AES_256', 'EC_P256'] as const) {
      const failure: unknown = await w
        .makeKey({ spec, usage: defaultUsage(spec), name: `fails-${randomUUID()}` })
        .catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(Error)
      logger.error({ err: failure, ctx: w.ctx }, 'as a door logs it')
      log.push(inspect(failure, { depth: 20, showHidden: true }))
    }
    await root.run('DROP TRIGGER refuse ON material_version; DROP FUNCTION refuse()')
    expect(log.join('').length).toBeGreaterThan(10_000)
    expect(findSecrets(log.join('\n'), secrets)).toEqual([])
  })

  test('on the output of the process holds no secret', () => {
    expect(findSecrets(written.join('\n'), secrets)).toEqual([])
  })

  test('by PostgreSQL in its log holds no secret', async () => {
    const [row] = await root.run('SHOW data_directory')
    const text = await readFile(join(dirname(String(row?.data_directory)), 'postgres.log'))
    expect(text.length).toBeGreaterThan(0)
    expect(findSecrets(text, secrets)).toEqual([])
  })
})
