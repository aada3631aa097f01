import { execFile } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from './project-root.ts'

const run = promisify(execFile)

/** Compressed Chromium with the libraries it needs; installed only where no other browser is found. */
const PACKAGE = '@sparticuz/chromium@153.0.0'

const folder = join(projectRoot, '.cache', 'chromium')

/** Where the Chromium of {@link installPackagedChromium} is started by. */
export const packagedChromium = join(folder, 'start')

/**
 * Gets a Chromium out of an npm package, for an ordinary user on a machine that has none. A failure is printed, and
 * then there is none.
 */
export async function installPackagedChromium(): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
    console.log('Installing a Chromium from its npm package …')
    await run('npm', ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', PACKAGE])
    // The package unpacks into the folder for temporary files, and its libraries only where it sees this variable.
    const unpack = `const { default: chromium } = await import('@sparticuz/chromium'); await chromium.executablePath()`
    await run(process.execPath, ['--input-type=module', '--eval', unpack], {
      cwd: folder,
      env: { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: 'nodejs22.x' },
    })
    const variables = `LD_LIBRARY_PATH='${folder}/al2023/lib' FONTCONFIG_PATH='${folder}/fonts'`
    await writeFile(packagedChromium, `#!/bin/sh\n${variables} exec '${folder}/chromium' "$@"\n`)
    await chmod(packagedChromium, 0o755)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
  }
}
