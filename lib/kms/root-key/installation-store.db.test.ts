import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openDatabase } from '#lib/db/client.ts'
import { type FreshDatabase, freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { installationStore } from './installation-store.ts'
import { openRootKey } from './open-root-key.ts'

let fresh: FreshDatabase
let processes: Database[]
let dataDir: string

beforeEach(async () => {
  fresh = await freshDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'root-key-'))
  processes = Array.from({ length: 4 }, () =>
    openDatabase(fresh.connectionString, { connections: 2, applicationName: 'test' }),
  )
})

afterEach(async () => {
  await Promise.all(processes.map((db) => db.$disconnect()))
  await fresh[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true })
})

test('of several processes that start at once one makes the root key and the others find it', async () => {
  const opened = await Promise.all(processes.map((db) => openRootKey({ dataDir }, installationStore(db))))
  const [first] = opened
  for (const { rootKey, authSecret } of opened) {
    expect(rootKey.id).toEqual(first?.rootKey.id)
    expect(authSecret.reveal()).toEqual(first?.authSecret.reveal())
  }
})

test('what fails before it is committed leaves no row', async () => {
  const [db] = processes as [Database]
  const store = installationStore(db)
  const row = { rootKeyId: Buffer.alloc(32, 1), authSecretSealed: Buffer.alloc(64, 2) }
  await expect(
    store.whileLocked(async (_row, insert) => {
      await insert(row)
      throw new Error('crashed')
    }),
  ).rejects.toThrow('crashed')
  expect(await store.whileLocked(async (stored) => stored)).toBeNull()
  await store.whileLocked((_row, insert) => insert(row))
  expect(await store.whileLocked(async (stored) => Buffer.from(stored?.rootKeyId ?? []))).toEqual(
    row.rootKeyId,
  )
})
