import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StartProblem } from '#lib/start-problem.ts'

/** An operating-system user that Postgres runs as; `ids` fits child_process options. */
export type SystemUser = { name: string; ids: { uid: number; gid: number } }

async function passwdUsers(): Promise<SystemUser[]> {
  const text = await readFile('/etc/passwd', 'utf8')
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':')
    return name && uid && gid ? [{ name, ids: { uid: Number(uid), gid: Number(gid) } }] : []
  })
}

/**
 * Who runs Postgres: null for an ordinary user (it runs as the starter). Postgres refuses to run as root, so root
 * lends it the owner of an existing cluster, else the user `postgres`, else `nobody`; no user is ever created.
 */
export async function systemUserFor(cluster: string): Promise<SystemUser | null> {
  if (process.getuid?.() !== 0) return null
  const users = await passwdUsers()
  const owner = await stat(cluster).catch(() => null)
  if (owner && owner.uid !== 0) {
    const known = users.find((user) => user.ids.uid === owner.uid)
    return known ?? { name: `user ${owner.uid}`, ids: { uid: owner.uid, gid: owner.gid } }
  }
  const user =
    users.find((candidate) => candidate.name === 'postgres') ??
    users.find((candidate) => candidate.name === 'nobody')
  if (!user) {
    throw new StartProblem(
      'Postgres may not run as root and this machine has neither a user "postgres" nor "nobody": run Keystead as an ordinary user.',
    )
  }
  return user
}

/** Whether `user` may walk down to `folder` (execute permission on it and on every folder above it). */
export async function canReach(folder: string, { ids }: SystemUser): Promise<boolean> {
  const { mode, uid, gid } = await stat(folder)
  const bit = uid === ids.uid ? 0o100 : gid === ids.gid ? 0o010 : 0o001
  if (!(mode & bit)) return false
  const above = dirname(folder)
  return above === folder || canReach(above, { name: '', ids })
}
