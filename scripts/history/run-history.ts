import { ChangeLog } from './change-log.ts'
import { type ChangerSabotage, isEndpointSabotage, type Sabotage } from './endpoint-messages.ts'
import { EndpointUnderTest } from './endpoint-under-test.ts'
import { type Fault, Faults, type FaultWeights } from './faults.ts'
import { monotonicNow, type SwitchChange } from './history.ts'
import { KeyOwner } from './key-owner.ts'
import { Load } from './load.ts'
import { Random } from './random.ts'
import { sabotagedDatabase } from './sabotage-changer.ts'
import { Tally } from './tally.ts'
import { UserKeeper } from './user-keeper.ts'
import type { World } from './world.ts'

export type RunOptions = {
  seed: number
  /** The run ends then, or earlier at the first violation. */
  milliseconds: number
  faults: FaultWeights
  /** A rule of the protocol that is taken out; the run is then expected to find a violation. */
  sabotage?: Sabotage
}

/** All that was seen in one run. */
export type Run = {
  seed: number
  seconds: number
  tally: Tally
  log: ChangeLog
  faults: Fault[]
  /** Changes of switches that began in this run. */
  changes: SwitchChange[]
}

const processNames = ['a', 'b', 'c'] as const

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
 * Runs several endpoint processes under load while keys, grants and users are changed and processes fail, and judges
 * every call.
 */
export async function runHistory(world: World, options: RunOptions): Promise<Run> {
  const random = new Random(options.seed)
  const begun = monotonicNow()
  const { sabotage } = options
  await using endpoints = await openEndpoints(world, sabotage)
  const enough = Promise.withResolvers<void>()
  const tally = new Tally(world.history, enough.resolve)
  const log = new ChangeLog(world.history)
  const load = new Load(world, endpoints.opened, tally, random.for('load'))
  const ctx = () =>
    sabotage && !isEndpointSabotage(sabotage)
      ? { ...world.ctx, db: sabotagedDatabase(world.db, sabotage satisfies ChangerSabotage) }
      : world.ctx
  const owners = world.estates.map(
    (estate, number) => new KeyOwner(world, ctx(), estate, load, log, random.for(`owner ${number}`)),
  )
  // The first two are never shut out: a refusal of theirs tells of the key.
  const keepers = world.callers
    .slice(2)
    .map((caller, number) => new UserKeeper(world, ctx(), caller, load, log, random.for(`keeper ${number}`)))
  const faults = new Faults(
    { world, endpoints: endpoints.opened, owners, load },
    options.faults,
    random.for('faults'),
  )
  const timer = setTimeout(enough.resolve, options.milliseconds)
  load.start()
  for (const changer of [...owners, ...keepers]) changer.start()
  if (Object.keys(options.faults).length > 0) faults.start(lanes)
  await enough.promise
  clearTimeout(timer)
  await Promise.all([faults.stop(), ...[...owners, ...keepers].map((changer) => changer.stop())])
  await load.stop()
  return {
    seed: options.seed,
    seconds: (monotonicNow() - begun) / 1e9,
    tally,
    log,
    faults: faults.log,
    changes: world.history.switchChanges().filter((change) => change.begin >= begun),
  }
}

async function openEndpoints(
  world: World,
  sabotage: Sabotage | undefined,
): Promise<AsyncDisposable & { opened: EndpointUnderTest[] }> {
  const place = { connectionString: world.offline.connectionString, dataDir: world.dataDir }
  const broken = sabotage && isEndpointSabotage(sabotage) ? sabotage : null
  const settled = await Promise.allSettled(
    processNames.map((name) => EndpointUnderTest.open(name, place, broken)),
  )
  const opened = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((one) => one[Symbol.asyncDispose]()))
  }
  const failed = settled.find((one) => one.status === 'rejected')
  if (failed) {
    await close()
    throw failed.reason
  }
  return { opened, [Symbol.asyncDispose]: close }
}
