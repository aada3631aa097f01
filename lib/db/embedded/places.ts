import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { canReach, type SystemUser } from './system-user.ts'

/** Where root puts what the user that runs Postgres cannot reach in the data folder. */
export const SYSTEM_FOLDER = '/var/lib/keystead'

/** Room for "/.s.PGSQL.5432" within the 107 bytes that Linux allows for the address of a socket. */
const LONGEST_SOCKET_FOLDER = 85

export type Places = {
  /** The database's own folder; it belongs to the user that runs Postgres. */
  home: string
  cluster: string
  log: string
}

const placesIn = (home: string): Places => ({
  home,
  cluster: join(home, 'cluster'),
  log: join(home, 'postgres.log'),
})

/** The places of a database that exists already, whichever user made it; null when there is none. */
export async function existingPlaces(dataDir: string): Promise<Places | null> {
  const home = await realpath(join(dataDir, 'db')).catch(() => null)
  return home === null ? null : placesIn(home)
}

/**
 * `<data>/db`, made if absent. When `user` cannot get there (the data folder lies in root's home), it is a link to
 * a folder of the system that this user can reach; the root key file stays in the data folder in either case.
 */
export async function makePlaces(dataDir: string, user: SystemUser | null): Promise<Places> {
  const existing = await existingPlaces(dataDir)
  if (existing) {
    // A first start that was killed may have made the folder and not yet given it away.
    if (user) await chown(existing.home, user.ids.uid, user.ids.gid)
    return existing
  }
  const link = join(dataDir, 'db')
  if (!user) {
    await mkdir(link, { mode: 0o700 })
    return placesIn(link)
  }
  // Others may walk through the data folder to db/, but neither list it nor read the files of the starter.
  await chmod(dataDir, (await stat(dataDir)).mode | 0o011)
  if (await canReach(dataDir, user)) {
    await mkdir(link, { mode: 0o700 })
    await chown(link, user.ids.uid, user.ids.gid)
    return placesIn(link)
  }
  const folder = await ownedFolder(await systemFolder(), 'db-', user)
  if (await lstat(link).catch(() => null)) {
    throw new Error(`${link} points to a folder that does not exist`)
  }
  await symlink(folder, link)
  return placesIn(folder)
}

/** {@link SYSTEM_FOLDER}, made if absent; others may pass through it. */
export async function systemFolder(): Promise<string> {
  await mkdir(SYSTEM_FOLDER, { recursive: true, mode: 0o711 })
  await chmod(SYSTEM_FOLDER, 0o711)
  return SYSTEM_FOLDER
}

async function ownedFolder(parent: string, prefix: string, user: SystemUser | null): Promise<string> {
  const folder = await mkdtemp(join(parent, prefix))
  if (user) await chown(folder, user.ids.uid, user.ids.gid)
  return folder
}

/**
 * A folder of mode 0700 for the socket: `<home>/socket`, or one in the system's folder for temporary files when
 * that path is too long for a socket (it is remembered, so that a start after `kill -9` uses it again).
 */
export async function socketFolder(places: Places, user: SystemUser | null): Promise<string> {
  const near = join(places.home, 'socket')
  if (Buffer.byteLength(near) <= LONGEST_SOCKET_FOLDER) {
    await mkdir(near, { recursive: true, mode: 0o700 })
    if (user) await chown(near, user.ids.uid, user.ids.gid)
    return near
  }
  const memory = join(places.home, 'socket-folder')
  const remembered = (await readFile(memory, 'utf8').catch(() => '')).trim()
  const owner = user?.ids.uid ?? process.getuid?.()
  // Another user may have taken the name after a reboot emptied the folder: only our own folder is trusted.
  const found = remembered === '' ? null : await lstat(remembered).catch(() => null)
  if (found?.isDirectory() && found.uid === owner && (found.mode & 0o777) === 0o700) return remembered
  const folder = await ownedFolder(tmpdir(), 'keystead-', user)
  await writeFile(memory, folder, { mode: 0o600 })
  return folder
}

/** Makes the way down to `folder` exist; what is made is for its owner alone. */
export async function makeDataFolder(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
}
