import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'

export type RunningProcess = { pid: number; command: string; session: number; uid: number }

async function readProcess(pid: string): Promise<(RunningProcess & { parent: number }) | null> {
  try {
    const [stat, command, status] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
    ])
    // The second field is the name in brackets, which may hold blanks: state, parent, group, session follow it.
    const [, parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return {
      pid: Number(pid),
      command: command.replaceAll('\0', ' '),
      parent: Number(parent),
      session: Number(session),
      uid: Number(/^Uid:\t(\d+)/m.exec(status)?.[1]),
    }
  } catch {
    // It has ended meanwhile.
    return null
  }
}

async function childrenOf(parent: number): Promise<RunningProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  return (await Promise.all(pids.map(readProcess))).filter(
    (found) => found?.parent === parent,
  ) as RunningProcess[]
}

/** The processes that `parent` started itself whose command holds this; those that only await collection do not count. */
export async function childProcessesNamed(parent: number, part: string): Promise<RunningProcess[]> {
  return (await childrenOf(parent)).filter(({ command, pid }) => command.includes(part) && isRunning(pid))
}

/** The processes that `parent` started itself, by name; `postgres` is the postmaster. */
export async function childProcesses(
  parent: number,
): Promise<Record<'console' | 'endpoint' | 'postgres', RunningProcess>> {
  const children = await childrenOf(parent)
  const named = (part: string): RunningProcess => {
    const found = children.find((child) => child.command.includes(part))
    if (!found)
      throw new Error(`no process ${part} among ${children.map((child) => child.command).join('; ')}`)
    return found
  }
  return {
    console: named('scripts/console.ts'),
    endpoint: named('scripts/endpoint.ts'),
    postgres: named('/bin/postgres'),
  }
}

/** Whether a process of this number runs; one that has ended and only awaits collection does not. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return !stat.slice(stat.lastIndexOf(')')).startsWith(') Z')
  } catch {
    return false
  }
}
