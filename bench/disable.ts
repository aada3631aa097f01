import { randomUUID } from 'node:crypto'
import { applyChange } from '#lib/kms/changes/apply-change.ts'
import { claimChange } from '#lib/kms/changes/claim-change.ts'
import { planChange } from '#lib/kms/changes/plan-change.ts'
import { runChange } from '#lib/kms/changes/run-change.ts'
import { limits } from '#lib/kms/model/limits.ts'
import type { OfflineWorld } from '../scripts/testing/offline-world.ts'
import { bareTransaction } from './bare-disable.ts'
import { statementsOf } from './count-statements.ts'
import { insertKeys } from './insert-keys.ts'
import { untilRegistered } from './instances.ts'
import { atMost, inPairs, type Line, median, milliseconds, timed, times } from './measure.ts'
import { startEndpoint } from './start-endpoint.ts'
import { untilDone } from './until-done.ts'

type Disabling = {
  /** Plans, as the click does; answers the change. */
  plan: () => Promise<string>
  /** Applies the plan, as OK and the runner do, until the change is done. */
  apply: (changeId: string) => Promise<void>
}

function disabling({ ctx, db, rootKey }: OfflineWorld, projectId: string, ids: string[]): Disabling {
  return {
    plan: async () => (await planChange(ctx, { projectId, operation: 'disable', selection: { ids } })).id,
    async apply(changeId) {
      let change = await applyChange(ctx, { changeId, understood: true })
      if (change.status === 'applying') {
        // The runner of a started product looks for work twice a second; here it looks at once, unless that of an
        // endpoint beside it was faster.
        const claimed = await claimChange(db, rootKey)
        if (claimed) await runChange(claimed.ctx, claimed.changeId, claimed.owner)
      }
      change = await untilDone(ctx, change)
      if (change.status !== 'done' || change.counts.done !== ids.length) {
        throw new Error(`${change.counts.done} of ${ids.length} keys were disabled: ${change.status}`)
      }
    },
  }
}

type Comparison = { ratio: number; figures: string; statements: string[] }

async function compare(world: OfflineWorld, count: number, repetitions: number): Promise<Comparison> {
  const [projectId] = world.projectIds as [string]
  const ids = await insertKeys(world, { projectId, count, prefix: `disable-${randomUUID()}` })
  const { plan, apply } = disabling(world, projectId, ids)
  await using bare = await bareTransaction(world.connectionString, world.ctx.accountId, ids)
  const planning: number[] = []
  const { ratio, ours, reference } = await inPairs(
    async () => {
      let changeId = ''
      planning.push(
        await timed(async () => {
          changeId = await plan()
        }),
      )
      const taken = await timed(() => apply(changeId))
      await bare.enable()
      return taken
    },
    async () => {
      const taken = await timed(bare.disable)
      await bare.enable()
      return taken
    },
    { repetitions },
  )
  const changeId = await plan()
  const statements = await statementsOf(() => apply(changeId))
  return {
    ratio,
    statements,
    figures: `${milliseconds(ours)} against ${milliseconds(reference)}; its plan before took ${milliseconds(median(planning))}`,
  }
}

/** 1,000 keys in one plan, against the least that the same rows can cost. */
export async function disableThousand(world: OfflineWorld): Promise<Line[]> {
  await untilRegistered(world.connectionString, 0)
  const { ratio, figures, statements } = await compare(world, 1_000, 1)
  const chunks = Math.ceil(1_000 / limits.chunkSize)
  const perChunk = largestTransaction(statements)
  return [
    {
      claim: '1,000 keys disabled in one plan, against one bare UPDATE, one INSERT of 1,000 events, COMMIT',
      ...atMost(3, ratio),
      figures,
    },
    {
      claim: 'Statements per chunk of that change, BEGIN and COMMIT counted',
      value: String(perChunk),
      goal: { words: '≤ 10', reached: perChunk <= 10 },
      figures: `${chunks} chunks of ${limits.chunkSize}; ${statements.length} statements in all`,
    },
  ]
}

/** One key, against its bare transaction, while no process caches. */
export async function disableOne(world: OfflineWorld): Promise<Line[]> {
  await untilRegistered(world.connectionString, 0)
  const { ratio, figures, statements } = await compare(world, 1, 30)
  return [
    {
      claim: 'One key disabled, against its bare transaction',
      ...atMost(5, ratio),
      figures: `${figures}; ${statements.length} statements`,
    },
  ]
}

/** The same in a product that serves programs: the change holds once the endpoint has said that it knows. */
export async function disableWithEndpoint(
  world: OfflineWorld,
  settings: Record<string, string>,
): Promise<Line[]> {
  const { connectionString } = world
  await using _ = await startEndpoint({ connectionString, settings, side: null })
  await untilRegistered(connectionString, 1)
  const one = await compare(world, 1, 30)
  const many = await compare(world, 1_000, 1)
  return [
    {
      claim: 'One key disabled, held by one live endpoint, against its bare transaction',
      value: times(one.ratio),
      figures: `${one.figures}; ${one.statements.length} statements`,
    },
    {
      claim: '1,000 keys disabled in one plan, held by one live endpoint, against the same bare statements',
      value: times(many.ratio),
      figures: many.figures,
    },
  ]
}

/** The most statements that stand between a BEGIN and its COMMIT. */
function largestTransaction(statements: readonly string[]): number {
  let most = 0
  let begun = 0
  statements.forEach((statement, index) => {
    if (/^begin/i.test(statement)) begun = index
    if (/^commit/i.test(statement)) most = Math.max(most, index - begun + 1)
  })
  return most
}
