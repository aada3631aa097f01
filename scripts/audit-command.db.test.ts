import { expect, inject, test } from 'vitest'
import { verifyAudit } from '#lib/kms/audit/verify-audit.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { changeKeyState } from '#lib/kms/keys/change-key-state.ts'
import { dayMilliseconds } from '#lib/kms/model/limits.ts'
import { encryptData } from '#lib/kms/operations/encrypt-data.ts'
import { type TestWorld, testWorld } from '#lib/kms/testing/test-world.ts'
import { inTransaction } from '#lib/kms/transaction.ts'
import { BatchedUseRecorder } from '#lib/kms/usage/use-recorder.ts'
import { readAuditCommand } from './audit-command.ts'
import { describeDataEvents } from './audit-data-events.ts'
import { describeRefusedCalls } from './audit-refused-calls.ts'

const worldHere = () => testWorld(inject('databaseUrl'))

const commandLine = ({ ctx }: TestWorld): KmsContext => ({
  ...ctx,
  actor: { kind: 'system', id: 'administration', name: 'Command line' },
  sourceAddress: null,
})

const recorderIn = ({ db, rootKey }: TestWorld, clock?: () => Date) =>
  new BatchedUseRecorder({ db, rootKey, log: { warn: () => undefined }, ...(clock && { clock }) })

const encrypt = (ctx: KmsContext, { id, projectId }: { id: string; projectId: string }) =>
  encryptData(ctx, { projectId, keyId: id, plaintext: Buffer.from('not to be printed') })

/** What is in the audit chain, and in whose name. */
async function eventsOf({ ctx }: TestWorld): Promise<[action: string, by: string][]> {
  const events = await inTransaction(ctx, (tx) =>
    tx.sql.auditEvent.findMany({ where: { accountId: ctx.accountId }, orderBy: { seq: 'asc' } }),
  )
  return events.map(({ action, body }) => {
    const { actor } = JSON.parse(Buffer.from(body).toString()) as { actor: { name: string } }
    return [action, actor.name]
  })
}

test('data events: tells how it stands, and what it switches holds in every process once it has returned', async () => {
  await using world = await worldHere()
  const ctx = commandLine(world)
  const key = await world.makeKey()
  const recorders = [recorderIn(world), recorderIn(world)]
  const callEverywhere = async () => {
    for (const uses of recorders) await encrypt({ ...world.ctx, uses }, key)
    for (const uses of recorders) await uses.flush()
  }
  const account = `Account test (${world.accountId}):`
  const recorded = `${account} uses of keys are recorded in the audit chain.`
  const notRecorded = `${account} uses of keys are not recorded in the audit chain; they are counted all the same.`

  expect(await describeDataEvents(ctx, null)).toBe(recorded)
  expect(await describeDataEvents(ctx, true)).toBe(recorded)
  expect(await describeDataEvents(ctx, false)).toBe(notRecorded)
  await callEverywhere()
  expect(await describeDataEvents(ctx, null)).toBe(notRecorded)
  expect(await describeDataEvents(ctx, false)).toBe(notRecorded)
  expect(await describeDataEvents(ctx, true)).toBe(recorded)
  await callEverywhere()

  expect(await eventsOf(world)).toEqual([
    ['createKey', 'Someone'],
    ['disableDataEvents', 'Command line'],
    ['enableDataEvents', 'Command line'],
    ['dataEvents', 'Keystead'],
    ['dataEvents', 'Keystead'],
  ])
  const [chain] = await verifyAudit(world.db, world.rootKey, { accountId: world.accountId })
  expect(chain?.problem).toBeNull()
})

test('refused: key by key, who called what and how often, with times in the zone of the reader', async () => {
  await using world = await worldHere()
  const ctx = commandLine(world)
  const now = Date.now()
  let at = new Date(now)
  const uses = recorderIn(world, () => at)
  const caller = async (name: string, sourceAddress: string) => {
    const user = await world.userWith(['KMS CMKFullAccess'])
    return { ...user, uses, sourceAddress, actor: { ...user.actor, name } as KmsContext['actor'] }
  }
  const billing = await caller('billing-export', '10.0.0.7')
  const orders = await caller('orders', '10.0.0.12')
  const [second, first, old, unused] = [
    await world.makeKey({ name: 'b' }),
    await world.makeKey({ name: 'a' }),
    await world.makeKey({ name: 'c' }),
    await world.makeKey({ name: 'd' }),
  ]
  for (const { id: keyId, projectId } of [first, second, old, unused])
    await changeKeyState(world.ctx, { projectId, keyId, operation: 'disable' })
  const refused = async (moment: number, by: KmsContext, key: typeof first) => {
    at = new Date(moment)
    await expect(encrypt(by, key)).rejects.toThrow('The key is disabled.')
  }
  const noon = Math.floor((now - 2 * dayMilliseconds) / dayMilliseconds) * dayMilliseconds + 43_200_000
  await refused(now - 40 * dayMilliseconds, billing, old)
  for (const minute of [0, 1, 2]) await refused(noon + minute * 60_000, billing, first)
  await refused(noon + 600_000, orders, first)
  await refused(noon, orders, second)
  await uses.stop()

  const day = new Date(noon).toISOString().slice(0, 10).replaceAll('-', '/')
  expect(await describeRefusedCalls(ctx, 30, 'Asia/Kolkata')).toEqual([
    'Refused in the last 30 days; calls are counted since the first of their kind.',
    '',
    `a  ${first.id}  project ${world.projectId}`,
    '  Operation    Caller          Calls  First                          Last                           Address    Reason                Caller ID',
    `  encryptData  orders              1  ${day} 17:40:00 GMT+05:30  ${day} 17:40:00 GMT+05:30  10.0.0.12  The key is disabled.  ${orders.actor.id}`,
    `  encryptData  billing-export      3  ${day} 17:30:00 GMT+05:30  ${day} 17:32:00 GMT+05:30  10.0.0.7   The key is disabled.  ${billing.actor.id}`,
    '',
    `b  ${second.id}  project ${world.projectId}`,
    expect.stringMatching(/^ {2}Operation {4}Caller {2}Calls /),
    expect.stringMatching(/^ {2}encryptData {2}orders {6}1 /),
  ])
  expect(await describeRefusedCalls(ctx, 60, 'UTC')).toContain(`c  ${old.id}  project ${world.projectId}`)
  expect(await describeRefusedCalls(ctx, 1, 'UTC')).toEqual(['No call was refused in the last day.'])
})

test('refused: a key that is due to be deleted is not told of', async () => {
  await using world = await worldHere()
  const key = await world.makeKey()
  const { projectId } = key
  const uses = recorderIn(world)
  await changeKeyState(world.ctx, { projectId, keyId: key.id, operation: 'scheduleDeletion', pendingDays: 7 })
  await expect(encrypt({ ...world.ctx, uses }, key)).rejects.toThrow('pending deletion')
  await uses.stop()
  const ctx = commandLine(world)
  const later = { ...ctx, now: (clock: Date) => new Date(clock.getTime() + 8 * dayMilliseconds) }
  expect(await describeRefusedCalls(ctx, 30, 'UTC')).toContain(
    `${key.name}  ${key.id}  project ${key.projectId}`,
  )
  expect(await describeRefusedCalls(later, 30, 'UTC')).toEqual(['No call was refused in the last 30 days.'])
})

test.each([
  [['verify'], { name: 'verify' }],
  [['data-events'], { name: 'data-events', enabled: null }],
  [['data-events', 'on'], { name: 'data-events', enabled: true }],
  [['data-events', 'off'], { name: 'data-events', enabled: false }],
  [['refused'], { name: 'refused', days: 30 }],
  [['refused', '400'], { name: 'refused', days: 400 }],
])('understands %j', (args, command) => {
  expect(readAuditCommand(args)).toEqual(command)
})

test.each([
  [[]],
  [['check']],
  [['verify', 'all']],
  [['data-events', 'ON']],
  [['data-events', 'off', 'now']],
  [['refused', '0']],
  [['refused', '401']],
  [['refused', '1.5']],
  [['refused', '']],
  [['refused', 'all']],
])('says how to use it for %j', (args) => {
  expect(() => readAuditCommand(args)).toThrow('npm run audit -- refused [DAYS]')
})
