import { type FaultName, faultNames, promisedFaults } from './faults.ts'
import type { Run } from './run-history.ts'

/** How much a run has tried. */
export type Coverage = {
  /** Disables that returned; a plan is one, of however many keys. */
  disables: number
  keysDisabled: number
  /** Of these, those during which a process suffered it. */
  disablesDuring: Record<FaultName, number>
  /** Successes with a key between the return of an Enable and the begin of the next Disable. */
  successesBetween: number
  successesFromCache: number
}

const least = { disables: 200, disablesDuring: 50, successesBetween: 1_000 }

export function coverageOf({ log, faults, tally }: Pick<Run, 'log' | 'faults' | 'tally'>): Coverage {
  const { disables } = log
  const during = (name: FaultName): number => {
    const active = faults.filter((fault) => fault.name === name)
    return disables.filter(({ begin, end }) => active.some((fault) => fault.begin < end && fault.end > begin))
      .length
  }
  return {
    disables: disables.length,
    keysDisabled: disables.reduce((sum, { keys }) => sum + keys, 0),
    disablesDuring: Object.fromEntries(
      faultNames.map((name) => [name, during(name)]),
    ) as Coverage['disablesDuring'],
    successesBetween: tally.successesBetween,
    successesFromCache: tally.cachedSuccesses,
  }
}

/** What is too little to mean anything; empty when the run was not vacuous. */
export function tooLittle(coverage: Coverage): string[] {
  const short: string[] = []
  const want = (what: string, seen: number, wanted: number): void => {
    if (seen < wanted) short.push(`${what}: ${seen} of ${wanted}`)
  }
  want('Disables returned', coverage.disables, least.disables)
  for (const name of promisedFaults) {
    want(`Disables returned while a process was ${name}`, coverage.disablesDuring[name], least.disablesDuring)
  }
  want('successes between Enable and Disable', coverage.successesBetween, least.successesBetween)
  // Without any the cache was not tried at all.
  want('successes from the cache', coverage.successesFromCache, least.successesBetween)
  return short
}
