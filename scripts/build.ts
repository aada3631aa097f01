import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { glob, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StartProblem } from '#lib/start-problem.ts'
import { lock } from './lock.mjs'
import { noteRunning, runningBuilds } from './running.mjs'

/** Everything that can change what `next build` makes. */
const INPUTS = [
  '{app,components,lib,public}/**/*',
  'prisma/schema.prisma',
  '{next.config.js,postcss.config.mjs,tsconfig*.json,package.json,package-lock.json}',
  '{proxy,instrumentation,instrumentation-client}.ts',
]
const NOT_INPUTS = /\.test\.tsx?$|\/testing\/|^lib\/db\/generated\//
/** Written last: a folder without it is a build that was cut off. */
const COMPLETE = 'keystead-complete'

async function inputHash(root: string): Promise<string> {
  const paths: string[] = []
  for await (const entry of glob(INPUTS, { cwd: root, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(root.length + 1)
    if (entry.isFile() && !NOT_INPUTS.test(path)) paths.push(path)
  }
  const hash = createHash('sha256').update(process.version).update(root)
  // Part of the build: consoles that share it must be able to answer each other's pages.
  hash.update(process.env.NEXT_SERVER_ACTIONS_ENCRYPTION_KEY ?? '')
  for (const path of paths.sort()) {
    const text = await readFile(join(root, path))
    hash.update(`${path}\0${text.length}\0`).update(text)
  }
  return hash.digest('hex').slice(0, 16)
}

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => null)) !== null

async function runNextBuild(root: string, folder: string, signal: AbortSignal): Promise<void> {
  const build = spawn(process.execPath, [join(root, 'node_modules/next/dist/bin/next'), 'build'], {
    cwd: root,
    env: { ...process.env, KEYSTEAD_BUILD: folder, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output: Buffer[] = []
  build.stdout.on('data', (chunk) => output.push(chunk))
  build.stderr.on('data', (chunk) => output.push(chunk))
  const stop = (): boolean => build.kill('SIGKILL')
  signal.addEventListener('abort', stop, { once: true })
  const [code] = (await once(build, 'close')) as [number | null]
  signal.removeEventListener('abort', stop)
  signal.throwIfAborted()
  if (code === 0) return
  process.stderr.write(Buffer.concat(output))
  throw new StartProblem('The console could not be built: the reason stands above.')
}

async function removeUnusedBuilds(root: string, current: string): Promise<void> {
  const used = new Set([current, ...(await runningBuilds(root))])
  for (const name of await readdir(root)) {
    if (/^\.next-[0-9a-f]{16}$/.test(name) && !used.has(name)) {
      await rm(join(root, name), { recursive: true, force: true })
    }
  }
}

/**
 * Builds the console unless a build of exactly these inputs exists, and removes builds that nobody uses. The folder
 * is named by the hash of its inputs, so a build never touches what a running instance serves; it is noted as used
 * until this process ends.
 * @returns the folder's name, for the variable KEYSTEAD_BUILD that next.config.js reads.
 * @throws StartProblem when the build fails, after its output was printed.
 */
export async function buildConsole(root: string, signal: AbortSignal): Promise<string> {
  const folder = `.next-${await inputHash(root)}`
  const release = await lock(`build ${root}`, () => console.log('Waiting for another build …'))
  try {
    if (!(await exists(join(root, folder, COMPLETE)))) {
      console.log('Building the console (about a minute, and only when it changed) …')
      await rm(join(root, folder), { recursive: true, force: true })
      await runNextBuild(root, folder, signal)
      await writeFile(join(root, folder, COMPLETE), '')
    }
    await noteRunning(root, folder)
    await removeUnusedBuilds(root, folder)
  } finally {
    release()
  }
  return folder
}
