// Runs before every npm script, on whatever Node the machine has (20 or later): installs the packages if they are
// not those of the lock file, and generates the database client if the schema changed. What runs after it runs on
// the Node of node_modules. Plain JavaScript, nothing but Node.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lock } from './lock.mjs'
import { runningBuilds } from './running.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const at = (/** @type {string[]} */ ...parts) => join(root, ...parts)

/**
 * @param {string} sentence
 * @returns {never}
 */
function stop(sentence) {
  console.error(sentence)
  process.exit(1)
}

/** @param {string} file */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

/** Whether node_modules holds what the lock file says, by npm's own record of what it installed. */
function packagesAreInstalled() {
  const wanted = readJson(at('package-lock.json'))?.packages
  const installed = readJson(at('node_modules', '.package-lock.json'))?.packages
  if (!wanted || !installed || !existsSync(at('node_modules', 'node', 'bin', 'node'))) return false
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (path === '') return true
    const found = installed[path]
    // Packages for other machines are in the lock file and not on the disk.
    if (!found) return optional === true
    return found.version === version && found.integrity === integrity
  })
}

async function installPackages() {
  if (packagesAreInstalled()) return
  if ((await runningBuilds(root)).length > 0) {
    stop('The packages changed while Keystead runs from this folder: stop it, then start again.')
  }
  console.log('Installing packages …')
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const npm = process.env.npm_execpath
  const env = {
    ...process.env,
    // Nothing is downloaded but packages: this file is never run, it only keeps Prisma from fetching an engine.
    PRISMA_SCHEMA_ENGINE_BINARY: at('package.json'),
    NEXT_TELEMETRY_DISABLED: '1',
  }
  /** @type {import('node:child_process').SpawnSyncOptions} */
  const options = { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], env }
  const { status } = npm
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, options)
  if (status !== 0)
    stop('The packages could not be installed: see the message above, mend its cause and start again.')
}

function generateClient() {
  const inputs = ['prisma/schema.prisma', 'package-lock.json']
  const hash = createHash('sha256')
  for (const input of inputs) hash.update(readFileSync(at(input)))
  const wanted = hash.digest('hex')
  const stamp = at('node_modules', '.keystead-database-client')
  if (
    existsSync(at('lib/db/generated/client.ts')) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === wanted
  ) {
    return
  }
  const bin = at('node_modules', '.bin')
  const { status, stdout, stderr } = spawnSync(join(bin, 'prisma'), ['generate'], {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  })
  if (status !== 0) {
    console.error(stdout, stderr)
    stop('The database client could not be generated: see the message above.')
  }
  writeFileSync(stamp, wanted)
}

if (Number(process.versions.node.split('.')[0]) < 20) {
  stop(
    `Keystead needs Node 20 or later and this is ${process.version}: install a newer Node and start again.`,
  )
}
await lock(`setup ${root}`, () => console.log('Another start is installing packages; waiting for it …'))
await installPackages()
generateClient()
