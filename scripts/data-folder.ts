import { constants } from 'node:fs'
import { access, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { makeDataFolder } from '#lib/db/embedded/places.ts'
import { StartProblem } from '#lib/start-problem.ts'
import { askHolder, tryLock } from './lock.mjs'

/** How long a start waits for an earlier one that is just stopping. */
const STOP_TIMEOUT = 60_000

type Holder = { stopping: boolean; pid: number }

const lockName = async (folder: string): Promise<string> => `data ${await realpath(folder)}`

/**
 * Makes the data folder if absent and sees that this user can work in it.
 * @throws StartProblem with what to do.
 */
export async function checkDataFolder(folder: string): Promise<void> {
  try {
    await makeDataFolder(folder)
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    for (const name of ['database-passwords.json', 'root.key']) {
      await access(join(folder, name), constants.R_OK).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
      })
    }
    const database = await stat(join(folder, 'db')).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw error
    })
    const self = process.getuid?.()
    if (database && self !== 0 && database.uid !== self)
      throw new Error('the database belongs to another user')
  } catch (error) {
    const reason =
      error instanceof Error && 'code' in error ? error.code : error instanceof Error ? error.message : error
    throw new StartProblem(
      `The data folder ${folder} cannot be used by this user (${reason}): start Keystead as the user who made it, or set KMS_DATA_DIR to another folder.`,
    )
  }
}

/**
 * Holds the data folder for this process until it ends. An earlier start that is just stopping is waited for.
 * @param isStopping whether this process is about to let go, told to others who ask.
 * @throws StartProblem when another process works on it.
 */
export async function lockDataFolder(folder: string, isStopping: () => boolean): Promise<() => void> {
  const name = await lockName(folder)
  const describe = (): string => JSON.stringify({ stopping: isStopping(), pid: process.pid } satisfies Holder)
  const deadline = Date.now() + STOP_TIMEOUT
  for (;;) {
    const release = await tryLock(name, describe)
    if (release) return release
    const answer = await askHolder(name)
    const holder = answer ? (JSON.parse(answer) as Holder) : null
    if ((holder && !holder.stopping) || Date.now() > deadline) {
      throw new StartProblem(
        `Keystead already runs on the data folder ${folder} (process ${holder?.pid}): stop that one first, or set KMS_DATA_DIR to another folder.`,
      )
    }
    await pause(100)
  }
}

/** Whether some process works on the data folder. */
export async function dataFolderIsInUse(folder: string): Promise<boolean> {
  return (await askHolder(await lockName(folder))) !== null
}
