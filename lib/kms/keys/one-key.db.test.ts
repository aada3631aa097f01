import { expect, inject, test } from 'vitest'
import type { KmsContext } from '../context.ts'
import { createGrant } from '../grants/create-grant.ts'
import { dayMilliseconds } from '../model/limits.ts'
import { principalOf } from '../operations/find-grant.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { inTransaction } from '../transaction.ts'
import { changeKeyState } from './change-key-state.ts'
import { createDefaultKey } from './create-default-key.ts'
import { describeKey } from './describe-key.ts'
import { listKeyDetails } from './list-key-details.ts'
import { renameKey } from './rename-key.ts'
import { updateKeyDescription } from './update-key-description.ts'

const worldHere = () => testWorld(inject('databaseUrl'))

const later = (ctx: KmsContext, days: number): KmsContext => ({
  ...ctx,
  now: (clock) => new Date(clock.getTime() + days * dayMilliseconds),
})

const eventsOf = (world: TestWorld, keyId: string) =>
  inTransaction(world.ctx, async ({ sql }) => {
    const events = await sql.auditEvent.findMany({
      where: { accountId: world.accountId, resourceId: keyId },
      orderBy: { seq: 'asc' },
    })
    return events.map(({ action, outcome }) => `${action} ${outcome}`)
  })

const schedule = (ctx: KmsContext, projectId: string, keyId: string, pendingDays = 7) =>
  changeKeyState(ctx, { projectId, keyId, operation: 'scheduleDeletion', pendingDays })

test('what is done to one key, and what is refused, is recorded', async () => {
  await using world = await worldHere()
  const { ctx, projectId } = world
  const { id: keyId } = await world.makeKey()
  const reader = await world.userWith(['KMS CMKReadOnlyAccess'])
  await changeKeyState(ctx, { projectId, keyId, operation: 'disable' })
  await expect(changeKeyState(ctx, { projectId, keyId, operation: 'disable' })).rejects.toMatchObject({
    code: 'keyNotEnabled',
  })
  await expect(changeKeyState(reader, { projectId, keyId, operation: 'enable' })).rejects.toMatchObject({
    code: 'notPermitted',
  })
  await renameKey(ctx, { projectId, keyId, name: 'renamed' })
  await updateKeyDescription(ctx, { projectId, keyId, description: 'new' })
  expect(await schedule(ctx, projectId, keyId)).toEqual({ keyId, state: '4' })
  expect(await eventsOf(world, keyId)).toEqual([
    'createKey done',
    'disableKey done',
    'disableKey refused',
    'enableKey refused',
    'updateKeyAlias done',
    'updateKeyDescription done',
    'scheduleKeyDeletion done',
  ])
})

test('a waiting period is a whole number of days from 7 to 1096', async () => {
  await using world = await worldHere()
  const { id } = await world.makeKey()
  for (const days of [0, 6, 1_097, 7.5, Number.NaN])
    await expect(schedule(world.ctx, world.projectId, id, days)).rejects.toMatchObject({
      code: 'pendingDaysInvalid',
    })
  await schedule(world.ctx, world.projectId, id, 1_096)
})

test('a key of another project, and one that is due, is not found', async () => {
  await using world = await worldHere()
  const { ctx, projectId, otherProjectId } = world
  const { id: keyId } = await world.makeKey()
  const gone = { code: 'keyNotFound' }
  await expect(describeKey(ctx, { projectId: otherProjectId, keyId })).rejects.toMatchObject(gone)
  await expect(
    changeKeyState(ctx, { projectId: otherProjectId, keyId, operation: 'disable' }),
  ).rejects.toMatchObject(gone)
  await schedule(ctx, projectId, keyId)
  expect(await describeKey(ctx, { projectId, keyId })).toMatchObject({ state: '4' })
  await expect(describeKey(later(ctx, 8), { projectId, keyId })).rejects.toMatchObject(gone)
  expect((await listKeyDetails(later(ctx, 8), everything(projectId))).total).toBe(0)
})

test('name and description of a key pending deletion are frozen; a due key gives up its name', async () => {
  await using world = await worldHere()
  const { ctx, projectId } = world
  const doomed = await world.makeKey({ name: 'wanted' })
  const { id: keyId } = await world.makeKey()
  await schedule(ctx, projectId, doomed.id)
  const frozen = { code: 'keyPendingDeletion' }
  await expect(renameKey(ctx, { projectId, keyId: doomed.id, name: 'x' })).rejects.toMatchObject(frozen)
  await expect(
    updateKeyDescription(ctx, { projectId, keyId: doomed.id, description: 'x' }),
  ).rejects.toMatchObject(frozen)
  await expect(renameKey(ctx, { projectId, keyId, name: 'wanted' })).rejects.toMatchObject({
    code: 'keyNameTaken',
  })
  await renameKey(later(ctx, 8), { projectId, keyId, name: 'wanted' })
  expect(await describeKey(ctx, { projectId, keyId })).toMatchObject({ name: 'wanted' })
})

test('a default key is listed and described, and never changed', async () => {
  await using world = await worldHere()
  const { ctx, projectId } = world
  const { id: keyId } = await createDefaultKey(ctx, { projectId, service: 'evs' })
  expect(await describeKey(ctx, { projectId, keyId })).toMatchObject({ name: 'evs/default', isDefault: true })
  expect((await listKeyDetails(ctx, everything(projectId))).keys.map(({ id }) => id)).toEqual([keyId])
  const refused = { code: 'defaultKey' }
  await expect(renameKey(ctx, { projectId, keyId, name: 'x' })).rejects.toMatchObject(refused)
  await expect(changeKeyState(ctx, { projectId, keyId, operation: 'disable' })).rejects.toMatchObject(refused)
})

test('a grant lets a user of another account describe the key, and no other', async () => {
  await using world = await worldHere()
  await using other = await worldHere()
  const { id: keyId } = await world.makeKey()
  const { id: second } = await world.makeKey()
  const stranger = await other.userWith([])
  const asStranger = (id: string) => describeKey(stranger, { projectId: other.projectId, keyId: id })
  await expect(asStranger(keyId)).rejects.toMatchObject({ code: 'notPermitted' })
  await createGrant(world.ctx, {
    projectId: world.projectId,
    keyId,
    granteePrincipal: principalOf(stranger.actor.id),
    granteeType: 'user',
    operations: ['describe-key'],
    name: '',
    retiringPrincipal: null,
  })
  expect(await asStranger(keyId)).toMatchObject({ id: keyId, regionId: 'region-1' })
  await expect(asStranger(second)).rejects.toMatchObject({ code: 'notPermitted' })
})

test('a list is filtered, oldest first', async () => {
  await using world = await worldHere()
  const { ctx, projectId } = world
  const first = await world.makeKey()
  const second = await world.makeKey({ spec: 'EC_P256', usage: 'SIGN_VERIFY' })
  const third = await world.makeKey({ origin: 'external' })
  const ids = async (more: object) =>
    (await listKeyDetails(ctx, { ...everything(projectId), ...more })).keys.map(({ id }) => id)
  expect(await ids({})).toEqual([first.id, second.id, third.id])
  expect(await ids({ limit: 1, offset: 1 })).toEqual([second.id])
  expect(await ids({ state: '5' })).toEqual([third.id])
  expect(await ids({ spec: 'EC_P256' })).toEqual([second.id])
  expect(await ids({ enterpriseProjectId: '1' })).toEqual([])
  const stranger = await world.userWith([])
  await expect(listKeyDetails(stranger, everything(projectId))).rejects.toMatchObject({
    code: 'notPermitted',
  })
})

const everything = (projectId: string) => ({
  projectId,
  limit: 100,
  offset: 0,
  state: null,
  spec: null,
  enterpriseProjectId: null,
})
