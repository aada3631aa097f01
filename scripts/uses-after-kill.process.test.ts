import { expect, test } from 'vitest'
import type { DataEvent } from '#lib/kms/audit/event.ts'
import { verifyAudit } from '#lib/kms/audit/verify-audit.ts'
import { inTransaction } from '#lib/kms/transaction.ts'
import { childProcessesNamed } from './testing/child-processes.ts'
import type { OfflineWorld } from './testing/offline-world.ts'
import { type RunningEndpoints, runningEndpoints } from './testing/running-endpoints.ts'

/** How much later than that a busy machine may be. */
const late = 6_000

/** What a crash may lose. */
const countersLost = 5_000 + late
const eventsLost = 1_000 + late

/** Long enough that the first writing of the counters alone does not do. */
const killAfterMilliseconds = countersLost + 6_500

/** Calls as fast as it can until nobody answers: how many were sent, and when each answer arrived. */
type Calls = { sent: number; answered: number[] }

async function callUntilKilled(endpoints: RunningEndpoints, keyId: string, status: number): Promise<Calls> {
  const calls: Calls = { sent: 0, answered: [] }
  for (;;) {
    calls.sent++
    const answer = await endpoints.call('encrypt-data', { key_id: keyId, plain_text: 'x' }).catch(() => null)
    if (!answer) return calls
    expect(answer.status).toBe(status)
    calls.answered.push(performance.now())
    if (performance.now() - (calls.answered[0] ?? 0) > killAfterMilliseconds) await killEndpoint()
  }
}

async function killEndpoint(): Promise<void> {
  for (const { pid } of await childProcessesNamed(process.pid, 'scripts/endpoint.ts'))
    process.kill(pid, 'SIGKILL')
}

const before = ({ answered }: Calls, moment: number): number => answered.filter((at) => at < moment).length

function countedOf({ ctx }: OfflineWorld, keyId: string) {
  return inTransaction(ctx, async (tx) => {
    const { accountId } = ctx
    const days = await tx.sql.keyUse.findMany({ where: { accountId, keyId } })
    return {
      calls: days.reduce((sum, day) => sum + Number(day.calls), 0),
      refused: days.reduce((sum, day) => sum + Number(day.refused), 0),
      activity: await tx.sql.keyActivity.findUniqueOrThrow({
        where: { accountId_keyId: { accountId, keyId } },
      }),
      refusals: await tx.sql.refusedCall.findMany({ where: { accountId, keyId } }),
    }
  })
}

async function recordedOf({ ctx }: OfflineWorld, keyId: string): Promise<string[]> {
  const links = await inTransaction(ctx, (tx) =>
    tx.sql.auditEvent.findMany({ where: { accountId: ctx.accountId, action: 'dataEvents' } }),
  )
  const uses = links.flatMap(
    (link) => (JSON.parse(Buffer.from(link.body).toString()) as { uses: DataEvent[] }).uses,
  )
  return uses.filter((use) => use.key === keyId).map((use) => use.request)
}

test('kill -9 of the endpoint under load loses the last seconds of what was counted and recorded, and doubles nothing', async () => {
  await using endpoints = await runningEndpoints(1)
  const { world } = endpoints
  const used = await endpoints.makeKey('AES_256')
  const refused = await endpoints.makeKey('EC_P256')
  const [done, denied] = await Promise.all([
    callUntilKilled(endpoints, used, 200),
    callUntilKilled(endpoints, refused, 400),
  ])
  const killed = Math.max(...done.answered, ...denied.answered)
  await expect(endpoints.fallen).rejects.toThrow('SIGKILL')

  const ofUsed = await countedOf(world, used)
  expect(ofUsed.calls).toBeGreaterThanOrEqual(before(done, killed - countersLost))
  expect(ofUsed.calls).toBeLessThanOrEqual(done.sent)
  expect(Number(ofUsed.activity.calls30Days)).toBe(ofUsed.calls)
  expect(Date.now() - (ofUsed.activity.lastUsedAt?.getTime() ?? 0)).toBeLessThan(
    performance.now() - killed + countersLost,
  )

  const ofRefused = await countedOf(world, refused)
  expect(ofRefused.refused).toBeGreaterThanOrEqual(before(denied, killed - countersLost))
  expect(ofRefused.refused).toBeLessThanOrEqual(denied.sent)
  expect(ofRefused.refusals.map(({ calls }) => Number(calls))).toEqual([ofRefused.refused])

  for (const [keyId, calls] of [
    [used, done],
    [refused, denied],
  ] as const) {
    const recorded = await recordedOf(world, keyId)
    expect(recorded.length).toBeGreaterThanOrEqual(before(calls, killed - eventsLost))
    expect(recorded.length).toBeLessThanOrEqual(calls.sent)
    expect(new Set(recorded).size).toBe(recorded.length)
  }
  const { db, rootKey, accountId } = world.ctx
  expect(await verifyAudit(db, rootKey, { accountId })).toMatchObject([{ problem: null }])
})
