import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from '../scripts/project-root.ts'

/** What `--cpu-prof` writes (Chrome DevTools Protocol, Profiler.Profile), as far as it is read here. */
type Profile = {
  nodes: {
    id: number
    callFrame: { functionName: string; url: string; lineNumber: number }
  }[]
  samples: number[]
  timeDeltas: number[]
}

const FRAMES = 15

/** The functions in which most of the time was spent, without those they called; idle time is left out. */
function topFrames({ nodes, samples, timeDeltas }: Profile): string[] {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const place = url.replace(`file://${projectRoot}/`, '')
      return [id, `${functionName || '(anonymous)'} ${place ? `${place}:${lineNumber + 1}` : ''}`]
    }),
  )
  const spent = new Map<string, number>()
  samples.forEach((id, at) => {
    const name = names.get(id) ?? '?'
    if (!name.startsWith('(idle)')) spent.set(name, (spent.get(name) ?? 0) + (timeDeltas[at] ?? 0))
  })
  const all = [...spent.values()].reduce((sum, time) => sum + time, 0)
  return [...spent]
    .sort(([, a], [, b]) => b - a)
    .slice(0, FRAMES)
    .map(([name, time]) => `${((time / all) * 100).toFixed(1).padStart(6)} %  ${name}`)
}

/**
 * Runs `work`, which starts processes with the given options of Node and stops them, and prints where their time went:
 * one list for each thread, the busiest first.
 */
export async function profiled(work: (nodeOptions: readonly string[]) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'keystead-profile-'))
  try {
    await work(['--cpu-prof', `--cpu-prof-dir=${folder}`])
    for (const name of await readdir(folder)) {
      const profile: Profile = JSON.parse(await readFile(join(folder, name), 'utf8'))
      console.log(
        `Self time without idling (${profile.samples.length} samples):\n${topFrames(profile).join('\n')}\n`,
      )
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
