import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { describeKey } from '#lib/kms/keys/describe-key.ts'
import { openImport } from '#lib/kms/material/open-import.ts'
import { encryptData } from '#lib/kms/operations/encrypt-data.ts'
import { enableRotation } from '#lib/kms/rotation/enable-rotation.ts'
import { readRotationStatus } from '#lib/kms/rotation/read-rotation-status.ts'
import { type TestWorld, testWorld } from '#lib/kms/testing/test-world.ts'
import { importBytes } from '#lib/kms/testing/wrap-material.ts'
import { inTransaction } from '#lib/kms/transaction.ts'
import { BatchedUseRecorder } from '#lib/kms/usage/use-recorder.ts'
import { runDueJobs } from './run-jobs.ts'

/** Jobs look at every account, so these tests have a database of their own. */
async function alone() {
  const database = await freshDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'keystead-jobs-'))
  const w = await testWorld(database.connectionString)
  const problems: unknown[] = []
  const note = (problem: unknown): void => void problems.push(problem)
  const log = { info: () => undefined, warn: note, error: note }
  return {
    w,
    problems,
    run: () => runDueJobs({ db: w.db, rootKey: w.rootKey, dataDir, log }),
    [Symbol.asyncDispose]: async () => {
      await w[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
      await rm(dataDir, { recursive: true })
    },
  }
}

/** Lets what is about to be due be due: the jobs go by the database's clock. */
const hurry = (w: TestWorld, table: 'material_version' | 'key_rotation' | 'import_request', column: string) =>
  inTransaction(w.ctx, (tx) =>
    tx.sql.$executeRawUnsafe(
      `UPDATE ${table} SET ${column} = now() - interval '1 s' WHERE account_id = '${w.accountId}'::uuid AND ${column} IS NOT NULL`,
    ),
  )

test('material expires, keys are rotated and ended sets for importing are forgotten', async () => {
  await using a = await alone()
  const { w } = a
  const { projectId } = w
  const keyOf = async (origin: 'kms' | 'external') => ({ projectId, keyId: (await w.makeKey({ origin })).id })
  const [rotated, expiring, waiting] = [await keyOf('kms'), await keyOf('external'), await keyOf('external')]
  await enableRotation(w.ctx, rotated)
  await importBytes(w, expiring.keyId, randomBytes(32), { expiresAt: new Date(Date.now() + 3_600_000) })
  await openImport(w.ctx, { ...waiting, wrappingAlgorithm: 'RSAES_OAEP_SHA_256' })
  await hurry(w, 'key_rotation', 'due_at')
  await hurry(w, 'material_version', 'expires_at')
  await hurry(w, 'import_request', 'expires_at')
  expect(await a.run()).toEqual({ destroyed: 0 })
  expect(await readRotationStatus(w.ctx, rotated)).toMatchObject({ rotations: 1 })
  expect(await describeKey(w.ctx, expiring)).toMatchObject({ state: '5' })
  await inTransaction(w.ctx, async (tx) => expect(await tx.sql.importRequest.count()).toBe(0))
  expect(a.problems).toEqual([])
})

test('counters and refused calls are forgotten after 400 days, and not before', async () => {
  await using a = await alone()
  const { w } = a
  const day = 86_400_000
  const { id: keyId } = await w.makeKey()
  const left = async (daysAgo: number): Promise<[number, number]> => {
    const clock = () => new Date(Date.now() - daysAgo * day)
    const uses = new BatchedUseRecorder({
      db: w.db,
      rootKey: w.rootKey,
      log: { warn: () => undefined },
      clock,
    })
    const ctx = { ...w.ctx, uses }
    await encryptData(ctx, { projectId: w.projectId, keyId, plaintext: randomBytes(8) })
    const wrong = {
      projectId: w.projectId,
      keyId,
      plaintext: randomBytes(8),
      algorithm: 'RSAES_OAEP_SHA_256',
    }
    await encryptData(ctx, wrong).catch(() => undefined)
    await uses.stop()
    await a.run()
    return inTransaction(w.ctx, async (tx) => [await tx.sql.keyUse.count(), await tx.sql.refusedCall.count()])
  }
  expect(await left(402)).toEqual([0, 0])
  expect(await left(398)).toEqual([1, 1])
  expect(a.problems).toEqual([])
})
