import { ChangeLog } from './change-log.ts'
import type { ChangerSabotage } from './endpoint-messages.ts'
import type { Endpoints } from './endpoints.ts'
import { type Fault, Faults, type FaultWeights } from './faults.ts'
import { monotonicNow } from './history.ts'
import { KeyOwner } from './key-owner.ts'
import { Load } from './load.ts'
import { Random } from './random.ts'
import { sabotagedDatabase } from './sabotage-changer.ts'
import { Tally } from './tally.ts'
import { UserKeeper } from './user-keeper.ts'
import type { World } from './world.ts'

export type RunOptions = {
  seed: number
  /** It ends at the latest after this long, and at once when a rule is broken. */
  milliseconds: number
  /** Asked every second: true ends it earlier. */
  enough?: (run: Run) => boolean
  faults: FaultWeights
  /** Takes a rule of the protocol out of whoever changes something. */
  sabotage?: ChangerSabotage
}

/** All that was seen in one run. */
export type Run = {
  seed: number
  seconds: number
  tally: Tally
  log: ChangeLog
  faults: readonly Fault[]
}

/** Processes that may suffer at once. */
const lanes = 2

/** The weights of a run in which everything happens. */
export const allFaults: FaultWeights = {
  'stopped and continued': 4,
  'killed and started': 4,
  'database cut': 4,
  'paused before the crypto': 4,
  'fenced while alive': 3,
  'database silent': 2,
  'commits told late': 3,
}

/**
 * Calls several endpoint processes while keys, grants and users are changed and processes fail, and judges every call.
 */
export async function runHistory(world: World, endpoints: Endpoints, options: RunOptions): Promise<Run> {
  const random = new Random(options.seed)
  const begun = monotonicNow()
  const over = Promise.withResolvers<void>()
  const tally = new Tally(world.history, over.resolve)
  const log = new ChangeLog(world.history)
  const load = new Load(world, endpoints.all, tally, random.for('load'))
  const ctx = () =>
    options.sabotage ? { ...world.ctx, db: sabotagedDatabase(world.db, options.sabotage) } : world.ctx
  const owners = world.estates.map(
    (estate, number) => new KeyOwner(world, ctx(), estate, load, log, random.for(`owner ${number}`)),
  )
  // The first two are never shut out: a refusal of theirs tells of the key.
  const keepers = world.callers
    .slice(2)
    .map((caller, number) => new UserKeeper(world, ctx(), caller, load, log, random.for(`keeper ${number}`)))
  const surroundings = { world, endpoints: endpoints.all, owners, load }
  const faults = new Faults(surroundings, options.faults, random.for('faults'))
  const seen = (): Run => ({
    seed: options.seed,
    seconds: (monotonicNow() - begun) / 1e9,
    tally,
    log,
    faults: faults.log,
  })

  const timer = setTimeout(over.resolve, options.milliseconds)
  const asking = setInterval(() => {
    if (options.enough?.(seen())) over.resolve()
  }, 1_000)
  const changers = [...owners, ...keepers]
  load.start()
  const working = [...changers.map((changer) => changer.start()), faults.start(lanes)]
  try {
    await Promise.race([over.promise, ...working, ...endpoints.all.map(({ fallen }) => fallen)])
  } finally {
    clearTimeout(timer)
    clearInterval(asking)
    await Promise.allSettled([faults.stop(), ...changers.map((changer) => changer.stop())])
    await load.stop()
  }
  return seen()
}
