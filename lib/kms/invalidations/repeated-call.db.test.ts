import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { addUser } from '../access/add-user.ts'
import { deleteAccessKey } from '../access/delete-access-key.ts'
import { makeAccessKey } from '../access/make-access-key.ts'
import { suspendUser } from '../access/suspend-user.ts'
import { useLink as setPassword } from '../access/use-link.ts'
import { createAlias } from '../aliases/create-alias.ts'
import { deleteAliases } from '../aliases/delete-aliases.ts'
import { createGrant } from '../grants/create-grant.ts'
import { retireGrant, revokeGrant } from '../grants/end-grant.ts'
import { changeKeyState } from '../keys/change-key-state.ts'
import { deleteMaterial } from '../material/delete-material.ts'
import { principalOf } from '../operations/find-grant.ts'
import { updatePrimaryRegion } from '../replicas/update-primary-region.ts'
import { disableRotation } from '../rotation/disable-rotation.ts'
import { enableRotation } from '../rotation/enable-rotation.ts'
import { rotateOnDemand } from '../rotation/rotate-on-demand.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { importBytes } from '../testing/wrap-material.ts'
import { inSystemTransaction } from '../transaction.ts'

let database: FreshDatabase
let w: TestWorld
let other: TestWorld

beforeAll(async () => {
  database = await freshDatabase()
  w = await testWorld(database.connectionString)
  other = await testWorld(database.connectionString)
})

afterAll(async () => {
  await w[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const readingAll = <T>(work: Parameters<typeof inSystemTransaction<T>>[2]) =>
  inSystemTransaction(w.db, 'instance', work)

const makeKey = async (input?: Parameters<TestWorld['makeKey']>[0]) => {
  const { id: keyId } = await w.makeKey(input)
  return { projectId: w.projectId, keyId }
}

const externalKey = async () => {
  const key = await makeKey({ origin: 'external' })
  await importBytes(w, key.keyId, randomBytes(32))
  return key
}

async function grantTo(guest: TestWorld) {
  const key = await makeKey()
  const grantId = await createGrant(w.ctx, {
    ...key,
    granteePrincipal: principalOf(guest.ctx.actor.id),
    granteeType: 'user',
    operations: ['encrypt-data', 'retire-grant'],
    name: '',
    retiringPrincipal: null,
  })
  return { ...key, grantId }
}

/** Each prepares something and answers the call; `refused` is what its repetition is answered with, null: nothing. */
const calls: Record<string, { refused: string | null; prepare: () => Promise<() => Promise<unknown>> }> = {
  'disable a key': {
    refused: 'keyNotEnabled',
    prepare: async () => {
      const key = await makeKey()
      return () => changeKeyState(w.ctx, { ...key, operation: 'disable' })
    },
  },
  'suspend a user': {
    refused: null,
    prepare: async () => {
      const { actor } = await w.userWith([])
      return () => suspendUser(w.ctx, { userId: actor.id })
    },
  },
  'use a link': {
    refused: 'linkInvalid',
    prepare: async () => {
      const { link } = await addUser(w.ctx, { email: 'someone@example.test', roles: [] })
      const origin = { requestId: 'a request', sourceAddress: null }
      return () => setPassword(w.db, w.rootKey, { token: link.token, passwordHash: 'a hash' }, origin)
    },
  },
  'delete an access key': {
    refused: 'accessKeyNotFound',
    prepare: async () => {
      const { actor } = await w.userWith([])
      const { id: accessKeyId } = await makeAccessKey(w.ctx, { userId: actor.id })
      return () => deleteAccessKey(w.ctx, { userId: actor.id, accessKeyId })
    },
  },
  'revoke a grant': {
    refused: 'grantNotFound',
    prepare: async () => {
      const grant = await grantTo(w)
      return () => revokeGrant(w.ctx, grant)
    },
  },
  'retire a grant': {
    refused: 'grantNotFound',
    prepare: async () => {
      const grant = await grantTo(w)
      return () => retireGrant(w.ctx, grant)
    },
  },
  'retire a grant of another account': {
    refused: 'grantNotFound',
    prepare: async () => {
      const grant = await grantTo(other)
      return () => retireGrant(other.ctx, { ...grant, projectId: other.projectId })
    },
  },
  'delete an alias': {
    refused: 'aliasNotFound',
    prepare: async () => {
      const key = await makeKey()
      await createAlias(w.ctx, { ...key, alias: 'alias/orders' })
      return () => deleteAliases(w.ctx, { ...key, aliases: ['alias/orders'] })
    },
  },
  'delete material': {
    refused: 'materialCannotBeDeletedNow',
    prepare: async () => {
      const key = await externalKey()
      return () => deleteMaterial(w.ctx, key)
    },
  },
  'rotate on demand': {
    refused: 'rotationNotSupported',
    prepare: async () => {
      const key = await externalKey()
      await importBytes(w, key.keyId, randomBytes(32))
      return () => rotateOnDemand(w.ctx, key)
    },
  },
  'turn rotation off': {
    refused: 'rotationNotEnabled',
    prepare: async () => {
      const key = await makeKey()
      await enableRotation(w.ctx, key)
      return () => disableRotation(w.ctx, key)
    },
  },
  'make a replica the primary': {
    refused: 'replicaReadOnly',
    prepare: async () => {
      const key = await makeKey()
      await w.makeReplica(key)
      return () => updatePrimaryRegion(w.ctx, { ...key, primaryRegion: 'region-2' })
    },
  },
}

test.for(Object.entries(calls))(
  '%s, again after a lost answer: it holds everywhere before the answer',
  async ([_, { refused, prepare }]) => {
    const call = await prepare()
    await readingAll((sql) => sql.invalidation.deleteMany())
    await call()
    // As if the process that was called had died after its commit.
    const { count } = await readingAll((sql) => sql.invalidation.updateMany({ data: { closedAt: null } }))
    expect(count).toBeGreaterThan(0)
    const repeated = call()
    if (refused === null) await repeated
    else await expect(repeated).rejects.toMatchObject({ code: refused })
    expect(await readingAll((sql) => sql.invalidation.count({ where: { closedAt: null } }))).toBe(0)
  },
)

test('what is waited for is not mixed up with what others do', async () => {
  const key = await makeKey()
  await readingAll((sql) => sql.invalidation.deleteMany())
  const open = (accountId: string, subjectKind: string, subjectId: string) =>
    readingAll((sql) => sql.invalidation.create({ data: { accountId, subjectKind, subjectId } }))
  const others = [
    await open(other.accountId, 'alias', 'region-1/alias/orders'),
    await open(w.accountId, 'grant', key.keyId),
    await open(w.accountId, 'key', 'another'),
  ]
  await open(w.accountId, 'alias', 'region-1/alias/orders')
  await open(w.accountId, 'key', key.keyId)
  await expect(deleteAliases(w.ctx, { ...key, aliases: ['alias/orders'] })).rejects.toMatchObject({
    code: 'aliasNotFound',
  })
  const left = await readingAll((sql) =>
    sql.invalidation.findMany({ where: { closedAt: null }, orderBy: { id: 'asc' } }),
  )
  expect(left.map(({ id }) => id)).toEqual(others.map(({ id }) => id))
})
