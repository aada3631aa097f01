import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { StartProblem } from '#lib/start-problem.ts'
import type { InstallationRow, InstallationStore } from './installation-store.ts'
import { defaultRootKeyFile, openRootKey } from './open-root-key.ts'

let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'root-key-'))
})

afterEach(() => rm(dataDir, { recursive: true }))

/** A database whose row is kept here; `crash` fails after the root key file was made and before the row was. */
function memoryStore({ crash = false } = {}): InstallationStore & { row: InstallationRow | null } {
  let lock: Promise<unknown> = Promise.resolve()
  const store: InstallationStore & { row: InstallationRow | null } = {
    row: null,
    whileLocked(work) {
      const done = lock.then(() =>
        work(store.row, async (row) => {
          if (crash) throw new Error('crashed')
          store.row = row
        }),
      )
      lock = done.catch(() => undefined)
      return done
    },
  }
  return store
}

const value = Buffer.alloc(32, 1).toString('base64')
const otherValue = Buffer.alloc(32, 2).toString('base64')

async function problem(opening: Promise<unknown>): Promise<string> {
  const error = await opening.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(StartProblem)
  const { message } = error as StartProblem
  // One sentence: it ends once, and says nothing of the key.
  expect(message).toMatch(/^[^\n]+\.$/)
  expect(message).not.toContain(value)
  return message
}

test('the first start makes a key that only its owner may read, and later starts find it', async () => {
  const store = memoryStore()
  const first = await openRootKey({ dataDir }, store)
  const file = defaultRootKeyFile(dataDir)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readdir(dataDir)).toEqual(['root.key'])
  expect(Buffer.from(await readFile(file, 'utf8'), 'base64')).toEqual(first.rootKey.material.reveal())
  const second = await openRootKey({ dataDir }, store)
  expect(second.rootKey.id).toEqual(first.rootKey.id)
  expect(second.authSecret.reveal()).toEqual(first.authSecret.reveal())
  expect(first.authSecret.length).toBe(32)
})

test('the data folder is made if it is missing', async () => {
  const folder = join(dataDir, 'new', 'data')
  await openRootKey({ dataDir: folder }, memoryStore())
  expect(await readdir(folder)).toEqual(['root.key'])
})

test('of several first starts at once one makes the key', async () => {
  const store = memoryStore()
  const opened = await Promise.all(Array.from({ length: 5 }, () => openRootKey({ dataDir }, store)))
  expect(new Set(opened.map(({ rootKey }) => rootKey.id.toString('hex'))).size).toBe(1)
})

test('a key whose row was lost in a crash is adopted, not replaced', async () => {
  await expect(openRootKey({ dataDir }, memoryStore({ crash: true }))).rejects.toThrow('crashed')
  const text = await readFile(defaultRootKeyFile(dataDir), 'utf8')
  await openRootKey({ dataDir }, memoryStore())
  expect(await readFile(defaultRootKeyFile(dataDir), 'utf8')).toBe(text)
})

test('a given value or file is adopted on the first start, and no file is made', async () => {
  const store = memoryStore()
  const first = await openRootKey({ dataDir, value }, store)
  const file = join(dataDir, 'mounted')
  await writeFile(file, `${value}\n`)
  expect((await openRootKey({ dataDir, file }, store)).rootKey.id).toEqual(first.rootKey.id)
  expect(await readdir(dataDir)).toEqual(['mounted'])
})

test('a second machine without the file stops instead of inventing a key', async () => {
  const store = memoryStore()
  await openRootKey({ dataDir }, store)
  await rm(defaultRootKeyFile(dataDir))
  expect(await problem(openRootKey({ dataDir }, store))).toMatch(/is missing.*restore the file/)
  expect(await readdir(dataDir)).toEqual([])
})

test('another root key stops the start', async () => {
  const store = memoryStore()
  await openRootKey({ dataDir, value }, store)
  expect(await problem(openRootKey({ dataDir, value: otherValue }, store))).toContain(
    'is not the one that sealed this database',
  )
})

test('a value and a file together stop the start', async () => {
  const opening = openRootKey({ dataDir, value, file: join(dataDir, 'file') }, memoryStore())
  expect(await problem(opening)).toContain('both set')
})

test('a value that is not base64 of 32 bytes stops the start', async () => {
  for (const wrong of ['', 'secret', value.slice(4)]) {
    expect(await problem(openRootKey({ dataDir, value: wrong }, memoryStore()))).toContain(
      'base64 of 32 bytes',
    )
  }
})

test('a named file that is missing, damaged or unreadable stops the start', async () => {
  const file = join(dataDir, 'file')
  const open = () => problem(openRootKey({ dataDir, file }, memoryStore()))
  expect(await open()).toContain('does not exist')
  await writeFile(file, 'damaged')
  expect(await open()).toContain('does not hold base64 of 32 bytes')
  await rm(file)
  // Even root, whom no mode stops, cannot read a folder as a file.
  await mkdir(file)
  expect(await open()).toContain('cannot be read (EISDIR)')
})

test('a folder that cannot be written stops the start, and leaves nothing behind', async () => {
  const store = memoryStore()
  await writeFile(join(dataDir, 'not-a-folder'), '')
  const opening = openRootKey({ dataDir: join(dataDir, 'not-a-folder') }, store)
  expect(await problem(opening)).toMatch(/cannot be (read|written)/)
  expect(store.row).toBeNull()
})

test('a session secret that was tampered with stops the start', async () => {
  const store = memoryStore()
  await openRootKey({ dataDir }, store)
  if (store.row) store.row.authSecretSealed[60] = (store.row.authSecretSealed[60] ?? 0) ^ 1
  expect(await problem(openRootKey({ dataDir }, store))).toContain('restore the database')
})
