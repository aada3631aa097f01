import { coverageOf } from './coverage.ts'
import { faultNames } from './faults.ts'
import type { Call } from './history.ts'
import { rules, type Violation } from './judge.ts'
import type { Run } from './run-history.ts'

/** Violations that are told at most. */
const toldMax = 20

/** A run in some lines for people. */
export function reportOf(run: Run): string {
  const coverage = coverageOf(run)
  const { tally, log, faults } = run
  const times = (name: string): number => faults.filter((fault) => fault.name === name).length
  return [
    `seed ${run.seed}, ${run.seconds.toFixed(0)} s, ${tally.calls} calls, ${tally.violations.length} violations`,
    `  Disables: ${coverage.disables}, of ${coverage.keysDisabled} keys; ${coverage.successesBetween} successes between Enable and Disable, ${coverage.successesFromCache} from the cache`,
    ...faultNames.map(
      (name) => `  ${name}: ${times(name)} times, ${coverage.disablesDuring[name]} Disables meanwhile`,
    ),
    `  changes: ${counted(log.returned)}`,
    `  failed changes: ${counted(log.failed)}`,
    `  calls: ${counted(tally.operations)}`,
    `  outcomes: ${counted(tally.outcomes)}`,
    ...tally.violations.slice(0, toldMax).map((violation) => lineOf(violation)),
  ].join('\n')
}

const counted = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, times]) => `${name} ${times}`)
    .join(', ') || 'none'

/** The lines of the history that contradict each other, with moments in seconds after the first of them began. */
function lineOf({ rule, call, because }: Violation): string {
  const start = Math.min(call.begin, ...because.map(({ begin }) => begin))
  const at = (moment: number): string => ((moment - start) / 1e9).toFixed(6)
  return [
    `VIOLATION call ${call.number} ${rules[rule]}`,
    `    ${at(call.begin)} to ${at(call.end)}  ${call.operation} at process ${call.process} with ${subject(call)}: ${answer(call, at)}`,
    ...because.map(
      (change) =>
        `    ${at(change.begin)} to ${at(change.end)}  ${change.verb} ${'switch' in change ? `${change.switch} → ${change.to}` : JSON.stringify(change)}`,
    ),
  ].join('\n')
}

const subject = ({ named, needs }: Call): string => [...Object.values(named), ...needs].join(', ')

function answer({ answer: got }: Call, at: (moment: number) => string): string {
  if (got.kind === 'unanswered' || got.kind === 'unexpected') return got.reason
  if (got.kind === 'refused') return `refused ${got.status} ${got.code}`
  const checked =
    got.secondCheck === null ? 'from the database' : `from the cache, checked at ${at(got.secondCheck)}`
  return `success ${checked}, key ${got.keyId}${got.version === null ? '' : `, version ${got.version}`}`
}
