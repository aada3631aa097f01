import { isEndpointSabotage, type Sabotage } from './endpoint-messages.ts'
import { type Endpoints, openEndpoints } from './endpoints.ts'
import type { FaultWeights } from './faults.ts'
import { type Run, runHistory } from './run-history.ts'
import type { World } from './world.ts'

/** What has to befall processes so that the loss of each rule shows. */
const faultsThatShow: Record<Sabotage, FaultWeights> = {
  'no eviction': { 'commits told late': 1 },
  'loads not poisoned': { 'commits told late': 1 },
  'renewal without reading the table': { 'fenced while alive': 1 },
  'no second check': { 'paused before the crypto': 1 },
  'instances listed before the commit': { 'fenced while alive': 1 },
  'fenced instances overlooked': { 'fenced while alive': 1 },
}

/**
 * Runs without one rule of the protocol until the first violation, for so long at most.
 *
 * @param honest processes that keep every rule, for a sabotage of those who change something
 */
export async function runSabotaged(
  world: World,
  honest: Endpoints,
  sabotage: Sabotage,
  { seed, milliseconds }: { seed: number; milliseconds: number },
): Promise<Run> {
  const options = { seed, milliseconds, faults: faultsThatShow[sabotage] }
  if (!isEndpointSabotage(sabotage)) return runHistory(world, honest, { ...options, sabotage })
  await using endpoints = await openEndpoints(world, sabotage)
  return await runHistory(world, endpoints, options)
}
