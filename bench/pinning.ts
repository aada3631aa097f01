import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Which side of a measurement a process is. */
export type Side = 'server' | 'client'

/** The cores that this process may use, from `0-1,4`. */
function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  return list.split(',').flatMap((part) => {
    const [from = NaN, to = from] = part.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, at) => from + at)
  })
}

function findCores(): Record<Side, number> | null {
  const [server, client] = allowedCores()
  if (server === undefined || client === undefined) return null
  const tried = spawnSync('taskset', ['-c', `${server},${client}`, process.execPath, '--version'])
  return tried.status === 0 ? { server, client } : null
}

const cores = findCores()

/** The command as it is run on one core only, the other side having another; unchanged where that cannot be done. */
export function pinned(side: Side | null, command: readonly string[]): string[] {
  return cores && side ? ['taskset', '-c', String(cores[side]), ...command] : [...command]
}

/** For the reader of a measurement. */
export const pinning = cores
  ? 'client and server on a core each'
  : 'NOT PINNED: there is no taskset here, or only one core'
