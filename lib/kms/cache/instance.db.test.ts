import { pino } from 'pino'
import { expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { deleteAccessKey } from '../access/delete-access-key.ts'
import { findAccessKey } from '../access/find-access-key.ts'
import { makeAccessKey } from '../access/make-access-key.ts'
import { suspendUser } from '../access/suspend-user.ts'
import type { KmsContext } from '../context.ts'
import { changeKeyState } from '../keys/change-key-state.ts'
import { encryptData } from '../operations/encrypt-data.ts'
import { capturedQueries } from '../testing/captured-queries.ts'
import { everyUse, keyUseNames } from '../testing/every-use.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { inSystemTransaction } from '../transaction.ts'
import { Instance } from './instance.ts'

type Running = AsyncDisposable & { instance: Instance; w: TestWorld; database: FreshDatabase }

async function running(options: { entriesMax?: number } = {}): Promise<Running> {
  const database = await freshDatabase()
  const w = await testWorld(database.connectionString)
  const instance = new Instance({
    connectionString: database.connectionString,
    name: 'test',
    log: pino({ enabled: false }),
    ...options,
  })
  await instance.start()
  return {
    instance,
    w,
    database,
    [Symbol.asyncDispose]: async () => {
      await instance.stop()
      await w[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** Does one operation as the endpoint does: with what has been read of the cache. */
async function reading<T>(
  { instance }: Running,
  ctx: KmsContext,
  work: (ctx: KmsContext) => Promise<T>,
): Promise<T> {
  using read = instance.cache.read()
  return await work({ ...ctx, cache: instance.cache, ...(read ? { reading: read } : {}) })
}

const instances = (w: TestWorld) => inSystemTransaction(w.db, 'instance', (sql) => sql.instance.findMany())

const openInvalidations = (w: TestWorld) =>
  inSystemTransaction(w.db, 'instance', (sql) => sql.invalidation.count({ where: { closedAt: null } }))

/** Statements of the instance itself aside. */
const ownQueries = async (work: () => Promise<unknown>): Promise<string[]> => {
  const queries = await capturedQueries(work)
  return queries
    .map(({ text }) => text)
    .filter((text) => !/instance|invalidation v|^BEGIN$|^COMMIT$/.test(text))
}

test('every use of a key costs no statement once everything about it is known', async () => {
  await using run = await running()
  const { w, instance } = run
  const uses = await everyUse(w)
  for (const name of keyUseNames) {
    await reading(run, w.ctx, (ctx) => uses[name].run(ctx, w.projectId))
    const hits = instance.cache.statistics.hits
    const statements = await ownQueries(() => reading(run, w.ctx, (ctx) => uses[name].run(ctx, w.projectId)))
    expect(statements, name).toEqual([])
    expect(instance.cache.statistics.hits, name).toBeGreaterThan(hits)
  }
})

test('a disabled key is dropped before Disable returns, and refused from then on', async () => {
  await using run = await running()
  const { w, instance } = run
  const { id: keyId } = await w.makeKey()
  const use = () =>
    reading(run, w.ctx, (ctx) => encryptData(ctx, { projectId: w.projectId, keyId, plaintext: Buffer.of(1) }))
  for (let round = 0; round < 5; round++) {
    await use()
    await use()
    await changeKeyState(w.ctx, { projectId: w.projectId, keyId, operation: 'disable' })
    expect(instance.lease.holds).toBe(true)
    await expect(use()).rejects.toMatchObject({ code: 'keyDisabled' })
    await changeKeyState(w.ctx, { projectId: w.projectId, keyId, operation: 'enable' })
  }
  expect(instance.statistics.acknowledged).toBe(5)
  expect(await openInvalidations(w)).toBe(0)
})

test('a disabled key that is disabled again holds on every instance before the refusal', async () => {
  await using run = await running()
  const { w } = run
  const { id: keyId } = await w.makeKey()
  const disable = () => changeKeyState(w.ctx, { projectId: w.projectId, keyId, operation: 'disable' })
  // As if the process of the first caller had died after its commit.
  await disable()
  await inSystemTransaction(w.db, 'instance', async (sql) => {
    await sql.invalidationAcknowledgement.deleteMany()
    await sql.invalidation.updateMany({ data: { closedAt: null } })
  })
  await expect(disable()).rejects.toMatchObject({ code: 'keyNotEnabled' })
  expect(await openInvalidations(w)).toBe(0)
})

test('access keys and users are dropped as keys are', async () => {
  await using run = await running()
  const { w } = run
  const someone = await w.userWith(['KMS CMKFullAccess'])
  const userId = someone.actor.id
  const first = await makeAccessKey(w.ctx, { userId })
  const second = await makeAccessKey(w.ctx, { userId })
  const who = (id: string) => reading(run, someone, (ctx) => findAccessKey(ctx, id))
  expect((await who(first.id)).user).toMatchObject({ userId })
  expect(await ownQueries(() => who(first.id))).toEqual([])
  await who(second.id)
  await deleteAccessKey(w.ctx, { userId, accessKeyId: first.id })
  expect((await who(first.id)).user).toBeNull()
  expect(await ownQueries(() => who(second.id))).toEqual([])
  await suspendUser(w.ctx, { userId })
  expect((await who(second.id)).user).toBeNull()
})

test('found fenced, an instance drops everything and registers anew, and nobody waits for its old self', async () => {
  await using run = await running()
  const { w, instance } = run
  const { id: keyId } = await w.makeKey()
  const use = () =>
    reading(run, w.ctx, (ctx) => encryptData(ctx, { projectId: w.projectId, keyId, plaintext: Buffer.of(1) }))
  await use()
  const [before] = await instances(w)
  await w.db.$queryRaw`SELECT keystead_fence_instances(${[before?.id]}::uuid[])::text`
  await expect.poll(() => instance.statistics.registrations, { timeout: 5_000 }).toBe(2)
  await expect.poll(() => instance.lease.holds).toBe(true)
  expect(instance.cache.statistics.entries).toBe(0)
  const [after, ...more] = await instances(w)
  expect(more).toEqual([])
  expect(after?.id).not.toBe(before?.id)
  await use()
})

test('an instance that stops leaves the register', async () => {
  const run = await running()
  await run.instance.stop()
  expect(await instances(run.w)).toEqual([])
  expect(run.instance.cache.read()).toBeNull()
  await run[Symbol.asyncDispose]()
})

test('more keys than there is room for are used all the same', async () => {
  await using run = await running({ entriesMax: 7 })
  const { w, instance } = run
  const keys = await Promise.all(Array.from({ length: 6 }, () => w.makeKey()))
  for (let round = 0; round < 3; round++) {
    await Promise.all(
      keys.map(({ id: keyId }) =>
        reading(run, w.ctx, (ctx) =>
          encryptData(ctx, { projectId: w.projectId, keyId, plaintext: Buffer.of(1) }),
        ).catch((error: unknown) => {
          // What a caller of the endpoint does not see: it is done again from the start.
          if ((error as Error).name !== 'ReadAgain') throw error
        }),
      ),
    )
  }
  expect(instance.cache.statistics.entries).toBeLessThanOrEqual(7)
})
