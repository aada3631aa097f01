import { randomUUID } from 'node:crypto'
import { applyChange } from '#lib/kms/changes/apply-change.ts'
import { planChange } from '#lib/kms/changes/plan-change.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { createEnterpriseProject } from '#lib/kms/enterprise-projects/create-enterprise-project.ts'
import { createDefaultKey } from '#lib/kms/keys/create-default-key.ts'
import { createKey } from '#lib/kms/keys/create-key.ts'
import { createKeyInput } from '#lib/kms/model/inputs/create-key.ts'
import { usagesOf } from '#lib/kms/model/key-spec.ts'
import type { KeyOperation } from '#lib/kms/model/key-state.ts'
import { dayMilliseconds } from '#lib/kms/model/limits.ts'
import type { OfflineWorld } from '../../scripts/testing/offline-world.ts'
import { type DemoKey, defaultKeyServices, mainKeys, otherKeys, owners } from './keys.ts'
import { recordDemoUses } from './uses.ts'

/** How long ago the company set Keystead up. */
export const oldestDay = 530

/** Hours after midnight, UTC. */
const startOfWork = 7

/** One thing that somebody did once. */
type Deed = { at: Date; run: (ctx: KmsContext) => Promise<void> }

/**
 * Fills an empty world through the verbs, in the order of the dates, so that the audit chain tells the same story as
 * the list. Answers how many custom keys there are in the first region.
 */
export async function fillDemoWorld({ ctx, projectIds }: OfflineWorld): Promise<number> {
  const [main, other] = projectIds as [string, string]
  const now = Date.now()
  const enterpriseProjects = new Map([['default', '0']])
  const deeds: Deed[] = []
  const workday = (daysAgo: number, minute: number, second = 0): Date =>
    new Date(
      Math.floor(now / dayMilliseconds - daysAgo) * dayMilliseconds +
        (startOfWork * 60 + minute) * 60_000 +
        second * 1_000,
    )

  deeds.push({
    at: workday(oldestDay - 1, 5),
    async run(then) {
      for (const name of Object.keys(owners)) {
        if (enterpriseProjects.has(name)) continue
        enterpriseProjects.set(name, (await createEnterpriseProject(then, { name })).id)
      }
    },
  })
  for (const [index, projectId] of [main, other].entries()) {
    defaultKeyServices.forEach((service, at) => {
      deeds.push({
        at: workday(oldestDay - 3 - index * 200 - at * 17, 31 + at * 43),
        run: async (then) => void (await createDefaultKey(then, { projectId, service })),
      })
    })
  }
  const keys = [
    ...mainKeys.map((key) => ({ key, projectId: main })),
    ...otherKeys.map((key) => ({ key, projectId: other })),
  ]
  for (const [index, { key, projectId }] of keys.entries()) {
    let keyId = ''
    // Minutes of a working day, by a fixed pattern, which keeps the pictures comparable.
    const at = (daysAgo: number, step: number): Date =>
      workday(daysAgo, (index * 137 + step * 61) % 480, index % 60)
    deeds.push({
      at: at(key.daysAgo, 0),
      async run(then) {
        keyId = (await createKey(then, inputOf(key, projectId, enterpriseProjects))).id
      },
    })
    key.history?.forEach(([operation, daysAgo, pendingDays], step) => {
      deeds.push({
        at: at(daysAgo, step + 1),
        run: (then) => change(then, projectId, operation, keyId, pendingDays),
      })
    })
  }
  for (const { at, run } of deeds.sort((a, b) => a.at.getTime() - b.at.getTime())) {
    await run({ ...ctx, requestId: randomUUID(), sourceAddress: '10.20.4.17', now: () => at })
  }
  await recordDemoUses(ctx, main, now)
  return mainKeys.length
}

function inputOf(key: DemoKey, projectId: string, enterpriseProjects: ReadonlyMap<string, string>) {
  const spec = key.spec ?? 'AES_256'
  const owner = key.project ?? 'default'
  const tags = [
    { key: 'team', value: owners[owner].team },
    ...(key.env ? [{ key: 'env', value: key.env }] : []),
    { key: 'cost-center', value: owners[owner].costCenter },
  ]
  return createKeyInput.parse({
    projectId,
    idempotencyKey: randomUUID(),
    name: key.name,
    spec,
    usage: key.usage ?? usagesOf(spec)[0],
    origin: key.external ? 'external' : 'kms',
    enterpriseProjectId: enterpriseProjects.get(owner),
    description: key.description ?? '',
    tags,
  })
}

async function change(
  ctx: KmsContext,
  projectId: string,
  operation: KeyOperation,
  keyId: string,
  pendingDays: number | undefined,
): Promise<void> {
  const plan = await planChange(ctx, { projectId, operation, selection: { ids: [keyId] } })
  const { counts } = await applyChange(ctx, {
    changeId: plan.id,
    understood: true,
    confirmation: 'DELETE',
    pendingDays: String(pendingDays ?? ''),
  })
  if (counts.done !== 1) throw new Error(`${operation} of ${plan.items[0]?.keyName} did not happen`)
}
