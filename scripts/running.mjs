// Plain JavaScript without dependencies: setup.mjs runs it on Node 20 before anything is installed.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { askHolder, tryLock } from './lock.mjs'

/** @param {string} root */
const folderOf = (root) => join(root, '.cache', 'running')

/**
 * Notes that this process uses the packages of this clone, and one of its builds, until it ends.
 * @param {string} root of the clone
 * @param {string} build name of the build folder
 */
export async function noteRunning(root, build) {
  const folder = folderOf(root)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, String(process.pid))
  await tryLock(file)
  writeFileSync(file, build)
  process.once('exit', () => rmSync(file, { force: true }))
}

/**
 * The build folders in use by processes that run from this clone; one entry per process.
 * @param {string} root of the clone
 * @returns {Promise<string[]>}
 */
export async function runningBuilds(root) {
  const folder = folderOf(root)
  /** @type {string[]} */
  let names = []
  try {
    names = readdirSync(folder)
  } catch {
    return []
  }
  const builds = []
  for (const name of names) {
    const file = join(folder, name)
    if ((await askHolder(file)) === null) rmSync(file, { force: true })
    else builds.push(readFileSync(file, 'utf8'))
  }
  return builds
}
