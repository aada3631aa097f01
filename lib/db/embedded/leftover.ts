import { readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { StartProblem } from '#lib/start-problem.ts'

/** The postmaster that runs on this cluster, or null. Its pid file alone is no proof: the number may be reused. */
export async function runningPostmaster(cluster: string): Promise<{ pid: number; socket: string } | null> {
  const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 0) return null
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => null)
  return folder === cluster ? { pid, socket: lines[4] ?? '' } : null
}

/**
 * Stops a postmaster whose starter was killed, so that the next one is a child that can be watched. A fast shutdown
 * ends its sessions and writes a checkpoint; nothing that was committed is lost.
 */
export async function stopLeftover(cluster: string): Promise<void> {
  const left = await runningPostmaster(cluster)
  if (!left) return
  process.kill(left.pid, 'SIGINT')
  for (let tries = 0; tries < 600; tries++) {
    if ((await runningPostmaster(cluster))?.pid !== left.pid) return
    await pause(50)
  }
  throw new StartProblem(
    `The database that an earlier start left behind (process ${left.pid}) does not stop: end it, then start again.`,
  )
}
