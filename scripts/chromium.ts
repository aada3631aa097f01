import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { chromium } from '@playwright/test'
import { StartProblem } from '#lib/start-problem.ts'
import { installPackagedChromium, packagedChromium } from './packaged-chromium.ts'

const run = promisify(execFile)
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

async function works(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    await run(path, ['--version'], { timeout: 20_000 })
    return true
  } catch {
    return false
  }
}

async function installWithApt(): Promise<void> {
  console.log('Installing Chromium with apt-get …')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', 'chromium']]) {
    const apt = spawn('apt-get', ['-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env })
    await once(apt, 'close').catch(() => undefined)
  }
}

/**
 * The Chromium that the browser tests drive: CHROMIUM_PATH, one on the PATH, Playwright's own, then for root Debian's,
 * and for others one inside an npm package. Nothing is downloaded but from the package registries.
 * @throws StartProblem when there is none.
 */
export async function findChromium(): Promise<string> {
  const named = process.env.CHROMIUM_PATH
  if (named) {
    if (await works(named)) return named
    throw new StartProblem(`CHROMIUM_PATH names ${named}, which does not run: correct it or leave it out.`)
  }
  const onPath = (process.env.PATH ?? '')
    .split(':')
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  for (const path of [...onPath, chromium.executablePath()]) if (await works(path)) return path
  if (process.getuid?.() === 0) {
    await installWithApt()
    for (const path of onPath) if (await works(path)) return path
  }
  if (await works(packagedChromium)) return packagedChromium
  await installPackagedChromium()
  if (await works(packagedChromium)) return packagedChromium
  throw new StartProblem(
    'The browser tests need a Chromium and none was found: install one, or set CHROMIUM_PATH to it.',
  )
}
