import { type FaultName, faultNames } from './faults.ts'
import type { Run } from './run-history.ts'

/** How much a run has tried. */
export type Coverage = {
  /** Keys disabled, each with its own return. */
  disables: number
  /** Of these, those during which a process suffered it. */
  disablesDuring: Record<FaultName, number>
  /** Successes with a key between the return of an Enable and the begin of the next Disable. */
  successesBetween: number
  successesFromCache: number
}

/** The faults that the promise names. */
const promisedFaults = [
  'stopped and continued',
  'killed and started',
  'database cut',
  'paused before the crypto',
] as const satisfies FaultName[]

const least = { disables: 200, disablesDuring: 50, successesBetween: 1_000 }

export function coverageOf({ changes, faults, tally }: Run): Coverage {
  const disables = changes.filter(({ verb, outcome }) => verb.startsWith('disable') && outcome === 'returned')
  const during = (name: FaultName): number => {
    const active = faults.filter((fault) => fault.name === name)
    return disables.filter(({ begin, end }) => active.some((fault) => fault.begin < end && fault.end > begin))
      .length
  }
  return {
    disables: disables.length,
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
  want('keys disabled', coverage.disables, least.disables)
  for (const name of promisedFaults) {
    want(`keys disabled while a process was ${name}`, coverage.disablesDuring[name], least.disablesDuring)
  }
  want('successes between Enable and Disable', coverage.successesBetween, least.successesBetween)
  // Without any the cache was not tried at all.
  want('successes from the cache', coverage.successesFromCache, least.successesBetween)
  return short
}
