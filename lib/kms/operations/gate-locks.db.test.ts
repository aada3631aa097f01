import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '#lib/db/client.ts'
import { type FreshDatabase, freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { isUnavailable } from '#lib/db/unavailable.ts'
import { suspendUser } from '../access/suspend-user.ts'
import { applyChange } from '../changes/apply-change.ts'
import { planChange } from '../changes/plan-change.ts'
import { changeKeyState } from '../keys/change-key-state.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { inTransaction } from '../transaction.ts'
import { encryptData } from './encrypt-data.ts'
import { reEncrypt } from './re-encrypt.ts'
import { withKey } from './with-key.ts'

/** A database of its own, so that whoever waits for a lock in it is one of us. */
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

async function someoneWaits(): Promise<void> {
  await expect
    .poll(
      async () => {
        const [{ waiting }] = await w.db.$queryRaw<[{ waiting: bigint }]>`
          SELECT count(*) AS waiting FROM pg_locks JOIN pg_stat_activity USING (pid)
          WHERE datname = current_database() AND NOT granted`
        return Number(waiting)
      },
      { interval: 5 },
    )
    .toBeGreaterThan(0)
}

const plaintext = Buffer.from('data')

test.each([
  [
    'disabling the key',
    (keyId: string, _userId: string) =>
      changeKeyState(w.ctx, { projectId: w.projectId, keyId, operation: 'disable' }),
  ],
  ['suspending the user', (_keyId: string, userId: string) => suspendUser(w.ctx, { userId })],
])('%s waits for a use under way, which is still answered', async (_name, change) => {
  const user = await w.userWith(['KMS Administrator'])
  const { id: keyId } = await w.makeKey()
  const order: string[] = []
  const inside = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const use = withKey(user, 'encryptData', { projectId: w.projectId, key: { keyId } }, async () => {
    inside.resolve()
    await goOn.promise
    order.push('crypto done')
  })
  await inside.promise
  const changed = change(keyId, user.actor.id).then(() => order.push('change done'))
  await someoneWaits()
  goOn.resolve()
  await use
  await changed
  expect(order).toEqual(['crypto done', 'change done'])
})

test('a use that begins while the key is being disabled waits, and is refused', async () => {
  const { id: keyId } = await w.makeKey()
  const disabled = Promise.withResolvers<void>()
  const commit = Promise.withResolvers<void>()
  const change = inTransaction(
    w.ctx,
    async (tx) => {
      await tx.sql.$executeRaw`UPDATE key SET state = '3', revision = revision + 1 WHERE id = ${keyId}::uuid`
      disabled.resolve()
      await commit.promise
    },
    { write: true },
  )
  await disabled.promise
  const use = encryptData(w.ctx, { projectId: w.projectId, keyId, plaintext })
  const refused = expect(use).rejects.toMatchObject({ code: 'keyDisabled' })
  await someoneWaits()
  commit.resolve()
  await change
  await refused
})

test('a use that stops half way lets go of the key in the end, and does not succeed', async () => {
  const impatient = openDatabase(database.connectionString, {
    connections: 1,
    applicationName: 'keystead-test',
    transactionSeconds: 1,
  })
  const { id: keyId } = await w.makeKey()
  const inside = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const ctx = { ...w.ctx, db: impatient }
  const use = withKey(ctx, 'encryptData', { projectId: w.projectId, key: { keyId } }, async () => {
    inside.resolve()
    await goOn.promise
  }).catch((error: unknown) => error)
  await inside.promise
  await changeKeyState(w.ctx, { projectId: w.projectId, keyId, operation: 'disable' })
  goOn.resolve()
  expect(isUnavailable(await use)).toBe(true)
  await impatient.$disconnect()
})

test('uses do not wait for each other', async () => {
  const { id: keyId } = await w.makeKey()
  const gate = { projectId: w.projectId, key: { keyId } }
  const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
  await Promise.all([
    withKey(w.ctx, 'encryptData', gate, async () => {
      both[0].resolve()
      await both[1].promise
    }),
    withKey(w.ctx, 'encryptData', gate, async () => {
      both[1].resolve()
      await both[0].promise
    }),
  ])
})

test('re-encrypting in both directions while both keys change never ends in a deadlock', async () => {
  const [a, b] = await Promise.all([w.makeKey(), w.makeKey()])
  const of = (keyId: string) => encryptData(w.ctx, { projectId: w.projectId, keyId, plaintext })
  const [fromA, fromB] = [await of(a.id), await of(b.id)]
  const move = (ciphertext: Buffer, destinationKeyId: string) =>
    reEncrypt(w.ctx, { projectId: w.projectId, ciphertext, destinationKeyId })
  let finished = false
  const moves = async () => {
    while (!finished) {
      const results = await Promise.allSettled([move(fromA.ciphertext, b.id), move(fromB.ciphertext, a.id)])
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'keyDisabled' })
      }
    }
  }
  const change = async (operation: 'disable' | 'enable') => {
    const selection = { ids: [a.id, b.id] }
    const { id: changeId } = await planChange(w.ctx, { projectId: w.projectId, operation, selection })
    const { counts } = await applyChange(w.ctx, { changeId, understood: true })
    expect(counts.done).toBe(2)
  }
  const changes = async () => {
    try {
      for (let i = 0; i < 12; i++) {
        await change('disable')
        await change('enable')
      }
    } finally {
      finished = true
    }
  }
  await Promise.all([moves(), moves(), moves(), changes()])
  const [{ deadlocks }] = await w.db.$queryRaw<[{ deadlocks: bigint }]>`
    SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`
  expect(Number(deadlocks)).toBe(0)
})
