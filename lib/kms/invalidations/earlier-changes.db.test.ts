import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { createGrant } from '../grants/create-grant.ts'
import { retireGrant } from '../grants/end-grant.ts'
import { type ChangeKeyStateInput, changeKeyState } from '../keys/change-key-state.ts'
import { principalOf } from '../operations/find-grant.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { inSystemTransaction } from '../transaction.ts'

/** A database of its own, since an instance that does not answer holds up every account. */
let database: FreshDatabase
let w: TestWorld

beforeAll(async () => {
  database = await freshDatabase()
  w = await testWorld(database.connectionString)
})

afterAll(async () => {
  await w[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

/** Two changes of the same thing: the second returns while the first still waits. */
type TwoChanges = { first: () => Promise<unknown>; second: () => Promise<unknown> }

const openInvalidations = () =>
  inSystemTransaction(w.db, 'instance', (sql) => sql.invalidation.count({ where: { closedAt: null } }))

const changeState = (keyId: string, operation: 'disable' | 'cancelDeletion') => () =>
  changeKeyState(w.ctx, { projectId: w.projectId, keyId, operation })

const scheduleDeletion = (keyId: string) => () =>
  changeKeyState(w.ctx, {
    projectId: w.projectId,
    keyId,
    operation: 'scheduleDeletion',
    pendingDays: 7,
  } satisfies ChangeKeyStateInput)

const pairs: Record<string, () => Promise<TwoChanges>> = {
  'the deletion of a key that is being disabled': async () => {
    const { id } = await w.makeKey()
    return { first: changeState(id, 'disable'), second: scheduleDeletion(id) }
  },
  'a canceled deletion, after which the key is Disabled, of a key that is being deleted': async () => {
    const { id } = await w.makeKey()
    return { first: scheduleDeletion(id), second: changeState(id, 'cancelDeletion') }
  },
  'the refusal to retire what the guest of another account is just retiring': async () => {
    const guest = await testWorld(database.connectionString)
    const { id: keyId } = await w.makeKey()
    const grantId = await createGrant(w.ctx, {
      projectId: w.projectId,
      keyId,
      granteePrincipal: principalOf(guest.ctx.actor.id),
      granteeType: 'user',
      operations: ['encrypt-data', 'retire-grant'],
      name: 'test',
      retiringPrincipal: null,
    })
    const retire = () => retireGrant(guest.ctx, { projectId: guest.projectId, keyId, grantId })
    return {
      first: retire,
      second: async () => {
        await expect(retire()).rejects.toMatchObject({ code: 'grantNotFound' })
        await guest[Symbol.asyncDispose]()
      },
    }
  },
}

test.each(Object.keys(pairs))('%s returns only when both changes hold everywhere', async (name) => {
  const { first, second } = await (pairs[name] as () => Promise<TwoChanges>)()
  await inSystemTransaction(w.db, 'instance', (sql) =>
    sql.instance.create({ data: { id: randomUUID(), kind: 'endpoint', name: 'silent' } }),
  )
  const began = first()
  await expect.poll(openInvalidations).toBeGreaterThan(0)
  await second()
  expect(await openInvalidations()).toBe(0)
  await began
})
