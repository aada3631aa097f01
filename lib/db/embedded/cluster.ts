import { execFile } from 'node:child_process'
import { chown, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import type { Binaries } from './binaries.ts'
import type { Passwords } from './passwords.ts'
import type { Places } from './places.ts'
import type { SystemUser } from './system-user.ts'

const run = promisify(execFile)

/** Makes the cluster if there is none: no trusted connection anywhere, not even for its own user. */
export async function makeCluster(
  places: Places,
  binaries: Binaries,
  user: SystemUser | null,
  passwords: Passwords,
): Promise<void> {
  if (await stat(places.cluster).catch(() => null)) return
  const draft = `${places.cluster}.new`
  const passwordFile = join(places.home, 'initdb-password')
  // A start that was killed half-way leaves a draft behind; only a finished cluster gets the real name.
  await rm(draft, { recursive: true, force: true })
  await rm(passwordFile, { force: true })
  await writeFile(passwordFile, passwords.superuser, { mode: 0o600, flag: 'wx' })
  try {
    if (user) await chown(passwordFile, user.ids.uid, user.ids.gid)
    await run(
      binaries.initdb,
      [
        `--pgdata=${draft}`,
        '--username=postgres',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // Sorting and case do not depend on the locales that this machine happens to have.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--data-checksums',
        '--no-instructions',
      ],
      { ...user?.ids, cwd: places.home, env: { NODE_ENV: 'production', TZ: 'UTC' } },
    )
  } finally {
    await rm(passwordFile, { force: true })
  }
  await rename(draft, places.cluster)
}

/**
 * The roles and the database, each made if absent, by the superuser, who does nothing else: `keystead` owns the
 * database and may not make roles; `keystead_app` is what the running product becomes.
 */
export async function makeRolesAndDatabase(superuserUrl: string, passwords: Passwords): Promise<void> {
  const client = new Client({ connectionString: superuserUrl })
  await client.connect()
  try {
    const exists = async (query: string): Promise<boolean> => (await client.query(query)).rowCount === 1
    if (!(await exists(`SELECT 1 FROM pg_roles WHERE rolname = 'keystead'`))) {
      await client.query(
        `CREATE ROLE keystead LOGIN NOSUPERUSER PASSWORD ${client.escapeLiteral(passwords.owner)}`,
      )
    }
    if (!(await exists(`SELECT 1 FROM pg_roles WHERE rolname = 'keystead_app'`))) {
      await client.query('CREATE ROLE keystead_app NOLOGIN NOSUPERUSER NOBYPASSRLS')
    }
    await client.query('GRANT keystead_app TO keystead')
    if (!(await exists(`SELECT 1 FROM pg_database WHERE datname = 'keystead'`))) {
      await client.query('CREATE DATABASE keystead OWNER keystead')
    }
  } finally {
    await client.end()
  }
}
