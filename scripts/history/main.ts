// npm run history [minutes] [seed]: changes keys and users under load while processes fail, and checks that no call
// succeeds that may not. Ends with code 1 and the contradicting lines if one does.
import { randomInt } from 'node:crypto'
import { temporaryDataFolder } from '../testing/start-product.ts'
import { coverageOf, tooLittle } from './coverage.ts'
import { openEndpoints } from './endpoints.ts'
import { reportOf } from './report.ts'
import { allFaults, runHistory } from './run-history.ts'
import { openWorld } from './world.ts'

const [minutes = 10, seed = randomInt(2 ** 31)] = process.argv.slice(2).map(Number)
console.log(`Running for ${minutes} minutes with seed ${seed} …`)
await using data = await temporaryDataFolder()
await using world = await openWorld(data.path)
await using endpoints = await openEndpoints(world)
const run = await runHistory(world, endpoints, { seed, milliseconds: minutes * 60_000, faults: allFaults })
console.log(reportOf(run))
const missing = tooLittle(coverageOf(run))
for (const what of missing) console.log(`Too little to mean anything: ${what}`)
if (run.tally.violations.length > 0 || missing.length > 0) process.exitCode = 1
