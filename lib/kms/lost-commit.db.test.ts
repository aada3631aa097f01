import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type Database, openDatabase } from '#lib/db/client.ts'
import { DatabaseProxy } from '#lib/db/testing/database-proxy.ts'
import { type FreshDatabase, freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { isUnavailable } from '#lib/db/unavailable.ts'
import { addUser } from './access/add-user.ts'
import { useLink as setPassword } from './access/use-link.ts'
import { applyChange } from './changes/apply-change.ts'
import { planChange } from './changes/plan-change.ts'
import { changeKeyState } from './keys/change-key-state.ts'
import { encryptData } from './operations/encrypt-data.ts'
import { type Superuser, superuser } from './testing/superuser.ts'
import { type TestWorld, testWorld } from './testing/test-world.ts'
import { inTransaction } from './transaction.ts'

/** A database of its own, so that the only commits in it are ours; reached by a way that the test cuts. */
let database: FreshDatabase
let proxy: DatabaseProxy
let w: TestWorld
/** Another way, which is never cut. */
let near: Database
/** Sees what the connections are doing. */
let root: Superuser

beforeAll(async () => {
  database = await freshDatabase()
  proxy = await DatabaseProxy.open(database.connectionString)
  w = await testWorld(proxy.connectionString)
  root = await superuser(database.connectionString, inject('superuserDatabaseUrl'))
  near = openDatabase(database.connectionString, { connections: 1, applicationName: 'keystead-test-near' })
})

afterAll(async () => {
  await near.$disconnect()
  await root[Symbol.asyncDispose]()
  await w[Symbol.asyncDispose]()
  await proxy[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

/** Begins `work` and loses the connection after its COMMIT was obeyed and before the answer comes. Answers its error. */
async function withoutAnswerToCommit(work: () => Promise<unknown>): Promise<unknown> {
  // As text: a Date has no microseconds, and the COMMIT before this one may be of the same millisecond
  const [{ since } = {}] = await root.run('SELECT clock_timestamp()::text AS since')
  proxy.set({ milliseconds: 60_000, applicationName: 'keystead-test', answers: 'to COMMIT' })
  const failed = work().then(
    () => null,
    (error: unknown) => error,
  )
  await expect
    .poll(() =>
      root.run(
        `SELECT 1 AS committed FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'keystead-test' AND state = 'idle' AND query = 'COMMIT' AND query_start > $1::timestamptz`,
        [since],
      ),
    )
    .not.toEqual([])
  proxy.set('cut')
  const error = await failed
  proxy.set('open')
  return error
}

const stateOf = (keyId: string) =>
  inTransaction({ ...w.ctx, db: near }, async (tx) => {
    const key = await tx.sql.key.findUniqueOrThrow({
      where: { accountId_id: { accountId: w.accountId, id: keyId } },
    })
    return key.state
  })

test('a change whose commit was not answered is told as one that may have been made', async () => {
  const { id: keyId } = await w.makeKey()
  const disable = () => changeKeyState(w.ctx, { projectId: w.projectId, keyId, operation: 'disable' })
  const error = await withoutAnswerToCommit(disable)
  expect(error).toMatchObject({ code: 'outcomeUnknown', status: 504 })
  expect(await stateOf(keyId)).toBe('3')
  await expect(disable()).rejects.toMatchObject({ code: 'keyNotEnabled' })
})

test('a plan that was applied is told as saved, whatever is lost then', async () => {
  const { id: keyId } = await w.makeKey()
  const selection = { ids: [keyId] }
  const { id: changeId } = await planChange(w.ctx, {
    projectId: w.projectId,
    operation: 'disable',
    selection,
  })
  let transactions = 0
  const db = new Proxy(w.db, {
    get(target, name) {
      // The keys are changed in the first; the second looks whether that holds everywhere.
      if (name === '$transaction' && ++transactions === 2) proxy.set('cut')
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const applied = applyChange({ ...w.ctx, db }, { changeId, understood: true })
  await expect(applied).rejects.toMatchObject({ code: 'unconfirmed', status: 504 })
  proxy.set('open')
  expect(await stateOf(keyId)).toBe('3')
})

test('a password whose commit was not answered is told as one that may be set', async () => {
  const { link } = await addUser(w.ctx, { email: 'someone@example.test', roles: [] })
  const input = { token: link.token, passwordHash: 'a hash' }
  const set = () => setPassword(w.db, w.rootKey, input, { requestId: 'a request', sourceAddress: null })
  expect(await withoutAnswerToCommit(set)).toMatchObject({ code: 'outcomeUnknown', status: 504 })
  await expect(set()).rejects.toMatchObject({ code: 'linkInvalid' })
})

test('a use whose transaction was not answered changed nothing, and may be tried again', async () => {
  const { id: keyId } = await w.makeKey()
  const encrypt = () => encryptData(w.ctx, { projectId: w.projectId, keyId, plaintext: Buffer.from('data') })
  const error = await withoutAnswerToCommit(encrypt)
  expect(error).not.toMatchObject({ code: 'outcomeUnknown' })
  expect(isUnavailable(error)).toBe(true)
  await expect(encrypt()).resolves.toBeDefined()
})
