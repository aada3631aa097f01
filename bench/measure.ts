/** One measured claim, as it is printed. */
export type Line = {
  claim: string
  /** What the goal is about: a ratio, a time, a count or a size. */
  value: string
  /** Left out where the number is worth knowing but was never promised. */
  goal?: { words: string; reached: boolean }
  /** Both sides of a ratio, and what else a reader needs to judge it. */
  figures: string
}

const PAIRS = 5

type Pairs = { ratio: number; ours: number; reference: number }

/** The middle of an odd number of values, the upper middle of an even one. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** The value below which the share `share` of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  if (value === undefined) throw new Error('nothing was measured')
  return value
}

type Side = () => Promise<number>

/**
 * Runs both sides in turn, A B A B, so that whatever else the machine does falls on both, after one pair that warms
 * up and is not counted. The ratio is the median of the ratios of the pairs.
 *
 * @param ours, reference run one side once and answer what is compared: what it took, or how many it did a second
 * @param options.repetitions of what is so short that one stall would decide: a run is then the median of as many,
 * the sides still taking turns
 */
export async function inPairs(
  ours: Side,
  reference: Side,
  { warmUp = true, repetitions = 1 }: { warmUp?: boolean; repetitions?: number } = {},
): Promise<Pairs> {
  const runs: { ours: number; reference: number }[] = []
  for (let pair = warmUp ? -1 : 0; pair < PAIRS; pair++) {
    const taken = { ours: [] as number[], reference: [] as number[] }
    for (let repetition = 0; repetition < repetitions; repetition++) {
      taken.ours.push(await ours())
      taken.reference.push(await reference())
    }
    if (pair >= 0) runs.push({ ours: median(taken.ours), reference: median(taken.reference) })
  }
  return {
    ratio: median(runs.map((run) => run.ours / run.reference)),
    ours: median(runs.map((run) => run.ours)),
    reference: median(runs.map((run) => run.reference)),
  }
}

/** How long `work` takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

export const times = (ratio: number): string => `${ratio.toFixed(2)}×`

export const perSecond = (value: number): string => `${Math.round(value).toLocaleString('en')}/s`

export function milliseconds(value: number): string {
  return value < 10 ? `${value.toFixed(2)} ms` : `${value.toFixed(value < 100 ? 1 : 0)} ms`
}

/** A ratio that must reach `least`. */
export function atLeast(
  least: number,
  ratio: number,
): { value: string; goal: { words: string; reached: boolean } } {
  return { value: times(ratio), goal: { words: `≥ ${least}×`, reached: ratio >= least } }
}

/** A ratio that must not exceed `most`. */
export function atMost(
  most: number,
  ratio: number,
): { value: string; goal: { words: string; reached: boolean } } {
  return { value: times(ratio), goal: { words: `≤ ${most}×`, reached: ratio <= most } }
}
