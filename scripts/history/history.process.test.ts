import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryDataFolder } from '../testing/start-product.ts'
import { coverageOf, tooLittle } from './coverage.ts'
import { changerSabotages, endpointSabotages } from './endpoint-messages.ts'
import { type Endpoints, openEndpoints } from './endpoints.ts'
import { forbiddenSuccesses } from './judge.ts'
import { reportOf } from './report.ts'
import { allFaults, type Run, runHistory } from './run-history.ts'
import { runSabotaged } from './sabotages.ts'
import { openWorld, type World } from './world.ts'

/** A run ends once it has tried enough, or has seen what it waits for; how soon depends on how busy the machine is. */
const minutes = 10
const longest = minutes * 60_000
/** Longer than a run takes to begin and to end. */
const timeout = longest + 120_000

const seed = randomInt(2 ** 31)
const again = `npm run history -- ${minutes} ${seed}`
const stack = new AsyncDisposableStack()
let world: World
let endpoints: Endpoints

beforeAll(async () => {
  const data = stack.use(await temporaryDataFolder())
  world = stack.use(await openWorld(data.path))
  endpoints = stack.use(await openEndpoints(world))
})

afterAll(() => stack.disposeAsync())

const isEnough = (run: Run): boolean => tooLittle(coverageOf(run)).length === 0

test(
  'what began after a Disable, deletion, revocation or suspension returned never succeeds, whatever befalls the processes',
  async () => {
    const run = await runHistory(world, endpoints, {
      seed,
      milliseconds: longest,
      enough: isEnough,
      faults: allFaults,
    })
    console.log(reportOf(run))
    expect(run.tally.violations, again).toEqual([])
    expect(tooLittle(coverageOf(run)), again).toEqual([])
  },
  timeout,
)

// Those of the changers first, as they need the processes that keep the rules.
test.each([...changerSabotages, ...endpointSabotages])(
  'with %s, that is seen',
  async (sabotage) => {
    const run = await runSabotaged(world, endpoints, sabotage, { seed, milliseconds: longest })
    const forbidden = run.tally.violations.filter(({ rule }) => forbiddenSuccesses.includes(rule))
    if (forbidden.length === 0) console.log(reportOf(run))
    expect(forbidden, `seed ${seed}`).not.toEqual([])
  },
  timeout,
)
