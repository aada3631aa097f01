import { randomBytes, randomUUID } from 'node:crypto'
import { type Database, openDatabase } from '#lib/db/client.ts'
import { makeAccessKey } from '#lib/kms/access/make-access-key.ts'
import { tokenHash } from '#lib/kms/access/read-token.ts'
import { createAlias } from '#lib/kms/aliases/create-alias.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { createKey } from '#lib/kms/keys/create-key.ts'
import { importMaterial } from '#lib/kms/material/import-material.ts'
import { openImport } from '#lib/kms/material/open-import.ts'
import type { KeySpec, KeyUsage } from '#lib/kms/model/key-spec.ts'
import { limits } from '#lib/kms/model/limits.ts'
import type { Role } from '#lib/kms/model/permissions.ts'
import { createDataKey } from '#lib/kms/operations/create-data-key.ts'
import { encryptData } from '#lib/kms/operations/encrypt-data.ts'
import { generateMac } from '#lib/kms/operations/generate-mac.ts'
import { sign } from '#lib/kms/operations/sign.ts'
import { keyInput } from '#lib/kms/testing/test-world.ts'
import { wrapMaterial } from '#lib/kms/testing/wrap-material.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import { type OfflineWorld, openOfflineWorld } from '../testing/offline-world.ts'
import type { Credential } from './call-endpoint.ts'
import { History, monotonicNow, type Switch } from './history.ts'
import { keySwitch } from './judge.ts'

/** A key and what was made with it beforehand. */
export type LoadedKey = {
  id: string
  kind: 'aes' | 'external' | 'signing' | 'mac'
  /** A signature, a mac, or sealed data and a data key: what calls to verify or open are made with. */
  made: Record<string, string>
  /** Of an external key: what is imported again and again. */
  material: Buffer | null
}

export type CallersCredential = { switch: Switch; credential: Credential }

/** A user in whose name programs call. */
export type Caller = {
  userId: string
  switch: Switch
  /** Switch of the user's role; null: the user has none and lives by grants. */
  policy: Switch | null
  /** The newest last; those that ended stay in use for a while. */
  credentials: CallersCredential[]
}

/** The keys of one changer, which nobody else changes, and an alias that moves between the first two. */
export type Estate = { keys: LoadedKey[]; alias: string }

/** A data folder, an account in it, its keys and users, and all that has happened to them. */
export type World = AsyncDisposable & {
  offline: OfflineWorld
  dataDir: string
  /** In the name of the administrator, on connections that are never cut. */
  ctx: KmsContext
  db: Database
  projectId: string
  estates: Estate[]
  callers: Caller[]
  history: History
}

const estatesCount = 12

const fullAccess: Role = 'KMS CMKFullAccess'

export async function openWorld(dataDir: string): Promise<World> {
  const offline = await openOfflineWorld(
    { KMS_DATA_DIR: dataDir },
    { email: 'admin@example.com', password: 'correct horse battery', since: new Date() },
  )
  const db = openDatabase(offline.connectionString, { connections: 24, applicationName: 'keystead history' })
  const world: World = {
    offline,
    dataDir,
    ctx: { ...offline.ctx, db },
    db,
    projectId: offline.projectIds[0] as string,
    estates: [],
    callers: [],
    history: new History(),
    [Symbol.asyncDispose]: async () => {
      await db.$disconnect()
      await offline[Symbol.asyncDispose]()
    },
  }
  try {
    for (let number = 0; number < estatesCount; number++) world.estates.push(await makeEstate(world, number))
    // Two that are never shut out, so that a refusal tells of the key; two with a role; two that live by grants.
    for (const role of [fullAccess, fullAccess, fullAccess, fullAccess, null, null]) {
      world.callers.push(await makeCaller(world, role))
    }
    return world
  } catch (error) {
    await world[Symbol.asyncDispose]()
    throw error
  }
}

async function makeEstate(world: World, number: number): Promise<Estate> {
  const third = (['external', 'signing', 'mac'] as const)[number % 3] ?? 'mac'
  const keys: LoadedKey[] = []
  for (const kind of ['aes', 'aes', third] as const) keys.push(await makeKey(world, kind))
  const alias = `alias/estate-${number}`
  const keyId = keys[0]?.id ?? ''
  await createAlias(world.ctx, { projectId: world.projectId, keyId, alias })
  const at = monotonicNow()
  world.history.addAliasMove({ verb: 'create alias', alias, keyId, begin: at, end: at, outcome: 'returned' })
  return { keys, alias }
}

const specs: Record<LoadedKey['kind'], { spec: KeySpec; usage: KeyUsage; origin: 'kms' | 'external' }> = {
  aes: { spec: 'AES_256', usage: 'ENCRYPT_DECRYPT', origin: 'kms' },
  external: { spec: 'AES_256', usage: 'ENCRYPT_DECRYPT', origin: 'external' },
  signing: { spec: 'EC_P256', usage: 'SIGN_VERIFY', origin: 'kms' },
  mac: { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC', origin: 'kms' },
}

/** What verify-mac, verify and the decryptions are tried with. */
export const message = Buffer.from('a message')

async function makeKey(world: World, kind: LoadedKey['kind']): Promise<LoadedKey> {
  const { ctx, projectId } = world
  const { id: keyId } = await createKey(ctx, keyInput(projectId, specs[kind]))
  const key: LoadedKey = { id: keyId, kind, made: {}, material: kind === 'external' ? randomBytes(32) : null }
  if (key.material) await importAgain(world, key)
  const at = monotonicNow()
  const verb = 'create key'
  world.history.addSwitchChange({
    switch: keySwitch(keyId),
    to: 'on',
    verb,
    begin: at,
    end: at,
    outcome: 'returned',
  })
  const named = { projectId, keyId }
  if (kind === 'signing') {
    const signing = { algorithm: 'ECDSA_SHA_256', message, messageType: 'RAW' } as const
    key.made.signature = (await sign(ctx, { ...named, ...signing })).signature.toString('base64')
  } else if (kind === 'mac') {
    key.made.mac = (await generateMac(ctx, { ...named, algorithm: 'HMAC_SHA_256', message })).mac.toString(
      'base64',
    )
  } else {
    key.made.data = (await encryptData(ctx, { ...named, plaintext: message })).ciphertext.toString('base64')
    key.made.dataKey = (await createDataKey(ctx, named)).ciphertext.toString('hex')
  }
  return key
}

/** Imports the material of an external key, the same each time. */
export async function importAgain(
  { ctx, projectId }: Pick<World, 'ctx' | 'projectId'>,
  key: LoadedKey,
): Promise<void> {
  if (!key.material) throw new Error('this key has no imported material')
  const named = { projectId, keyId: key.id }
  const set = await openImport(ctx, { ...named, wrappingAlgorithm: 'RSAES_OAEP_SHA_256' })
  const wrappedMaterial = wrapMaterial(set.publicKey, key.material)
  await importMaterial(ctx, { ...named, importToken: set.importToken, wrappedMaterial })
}

async function makeCaller(world: World, role: Role | null): Promise<Caller> {
  const { ctx, db, history } = world
  const { accountId } = ctx
  const userId = randomUUID()
  await inSystemTransaction(db, 'administration', async (sql) => {
    await sql.user.create({
      data: { id: userId, accountId, name: 'A service', email: `${userId}@example.test` },
    })
    if (role) {
      await sql.roleAssignment.create({
        data: { accountId, id: randomUUID(), userId, role, projectId: null },
      })
    }
  })
  const at = monotonicNow()
  const caller: Caller = {
    userId,
    switch: `user ${userId}`,
    policy: role ? `policy ${userId}` : null,
    credentials: [],
  }
  for (const name of [caller.switch, caller.policy]) {
    const begun = { verb: 'add user', begin: at, end: at, outcome: 'returned' } as const
    if (name) history.addSwitchChange({ ...begun, switch: name, to: 'on' })
  }
  for (const add of [addAccessKey, addAccessKey, addToken]) {
    const { switch: name, credential } = await add(world, userId)
    caller.credentials.push({ switch: name, credential })
    const made = monotonicNow()
    const begun = { verb: 'make credential', begin: made, end: made, outcome: 'returned' } as const
    history.addSwitchChange({ ...begun, switch: name, to: 'on' })
  }
  return caller
}

export async function addAccessKey({ ctx }: Pick<World, 'ctx'>, userId: string): Promise<CallersCredential> {
  const credential = await makeAccessKey(ctx, { userId })
  return { switch: `access-key ${credential.id}`, credential }
}

/** A token as the endpoint's own door makes it, past the throttle of that door. */
export async function addToken(
  { ctx, projectId }: Pick<World, 'ctx' | 'projectId'>,
  userId: string,
): Promise<CallersCredential> {
  const token = randomBytes(48).toString('base64url')
  await inSystemTransaction(ctx.db, 'sign-in', (sql, createdAt) =>
    sql.accessToken.create({
      data: {
        tokenHash: tokenHash(token),
        accountId: ctx.accountId,
        userId,
        projectId,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + limits.tokenHours * 3_600_000),
      },
    }),
  )
  return { switch: `token ${token.slice(0, 8)}`, credential: { token } }
}
