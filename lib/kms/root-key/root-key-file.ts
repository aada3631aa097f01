import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StartProblem } from '#lib/start-problem.ts'
import type { RootKey } from './root-key.ts'
import { formatRootKey, parseRootKey } from './root-key-value.ts'

/**
 * Reads the root key from a file.
 *
 * @returns undefined if there is no such file.
 * @throws {StartProblem} if it cannot be read or does not hold base64 of 32 bytes.
 */
export async function readRootKeyFile(file: string): Promise<RootKey | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new StartProblem(
      `The root key file ${file} cannot be read (${error.code}): let the user that runs Keystead read it.`,
    )
  })
  if (text === undefined) return undefined
  const rootKey = parseRootKey(text)
  if (!rootKey) {
    throw new StartProblem(
      `The root key file ${file} does not hold base64 of 32 bytes: restore it from your backup.`,
    )
  }
  return rootKey
}

/**
 * Writes a root key so that after a crash the file is either whole or absent: a temporary file that only its owner
 * may read, fsync, rename, fsync of the folder (a rename is durable only then; fsync(2)).
 *
 * @throws {StartProblem} if the folder cannot be written.
 */
export async function writeRootKeyFile(file: string, rootKey: RootKey): Promise<void> {
  const folder = dirname(file)
  const temporary = `${file}.${randomUUID()}`
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeDurably(temporary, formatRootKey(rootKey))
    await rename(temporary, file)
    await syncFolder(folder)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    const { code } = error as NodeJS.ErrnoException
    throw new StartProblem(
      `The root key file ${file} cannot be written (${code}): let the user that runs Keystead write to its folder.`,
      { cause: error },
    )
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
