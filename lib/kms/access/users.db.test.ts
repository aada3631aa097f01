import { randomUUID } from 'node:crypto'
import { expect, inject, test } from 'vitest'
import type { KmsContext } from '../context.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { inSystemTransaction, inTransaction } from '../transaction.ts'
import { addUser } from './add-user.ts'
import { changeRoles } from './change-roles.ts'
import { listUsers } from './list-users.ts'
import { makeLink } from './make-link.ts'
import { readShell } from './read-shell.ts'
import { resumeUser } from './resume-user.ts'
import { suspendUser } from './suspend-user.ts'
import { readLink, useLink } from './use-link.ts'

const worldHere = () => testWorld(inject('databaseUrl'))
const newEmail = () => `${randomUUID()}@example.test`
const origin = { requestId: 'a request', sourceAddress: '10.0.0.1' }
const readOnly = [{ role: 'KMS CMKReadOnlyAccess', projectId: null }] as const
const administrator = [{ role: 'KMS Administrator', projectId: null }] as const

const eventsOf = (world: TestWorld) =>
  inTransaction(world.ctx, async ({ sql }) => {
    const events = await sql.auditEvent.findMany({
      where: { accountId: world.accountId },
      orderBy: { seq: 'asc' },
    })
    return events.map(({ action, outcome, resourceId }) => ({ action, outcome, resourceId }))
  })

const add = (ctx: KmsContext, email = newEmail()) => addUser(ctx, { email, roles: [...readOnly] })

test('adds a user with roles and a link, and tells of it', async () => {
  await using world = await worldHere()
  const email = newEmail()
  const { userId, link } = await addUser(world.ctx, {
    email,
    roles: [...readOnly, { role: 'KMS CMKFullAccess', projectId: world.projectId }, ...readOnly],
  })
  const users = await listUsers(world.ctx)
  expect(users.find(({ id }) => id === userId)).toMatchObject({
    email,
    name: email.split('@')[0],
    status: 'active',
    roles: [
      { role: 'KMS CMKFullAccess', projectId: world.projectId },
      { role: 'KMS CMKReadOnlyAccess', projectId: null },
    ],
  })
  expect(await readLink(world.db, link.token)).toEqual({ email })
  expect(await eventsOf(world)).toEqual([{ action: 'addUser', outcome: 'done', resourceId: userId }])
})

test('an email is taken in every account, and only once', async () => {
  await using world = await worldHere()
  await using other = await worldHere()
  const email = newEmail()
  await add(world.ctx, email)
  await expect(add(other.ctx, email)).rejects.toMatchObject({ code: 'emailTaken', field: 'email' })
})

test('a role in a project of another account is refused and nothing is written', async () => {
  await using world = await worldHere()
  await using other = await worldHere()
  const roles = [{ role: 'KMS CMKFullAccess' as const, projectId: other.projectId }]
  await expect(addUser(world.ctx, { email: newEmail(), roles })).rejects.toMatchObject({
    code: 'projectNotFound',
  })
  expect(await listUsers(world.ctx)).toHaveLength(1)
})

test('only who may manage users does, and attempts are recorded as refused', async () => {
  await using world = await worldHere()
  const userId = world.ctx.actor.id
  for (const ctx of [
    await world.userWith(['KMS CMKFullAccess']),
    await world.userWith(['KMS CMKReadOnlyAccess']),
    await world.userWith([]),
    await world.userWith(['KMS Administrator'], world.projectId),
  ]) {
    const refused = { code: 'notPermitted' }
    await expect(add(ctx)).rejects.toMatchObject(refused)
    await expect(changeRoles(ctx, { userId, roles: [] })).rejects.toMatchObject(refused)
    await expect(suspendUser(ctx, { userId })).rejects.toMatchObject(refused)
    await expect(resumeUser(ctx, { userId })).rejects.toMatchObject(refused)
    await expect(makeLink(ctx, { userId })).rejects.toMatchObject(refused)
    await expect(listUsers(ctx)).rejects.toMatchObject(refused)
  }
  const events = await eventsOf(world)
  expect(events).toHaveLength(20)
  expect(events.every(({ outcome }) => outcome === 'refused')).toBe(true)
})

test("another account's user is no such user", async () => {
  await using world = await worldHere()
  await using other = await worldHere()
  const userId = other.ctx.actor.id
  const missing = { code: 'userNotFound' }
  await expect(suspendUser(world.ctx, { userId })).rejects.toMatchObject(missing)
  await expect(changeRoles(world.ctx, { userId, roles: [] })).rejects.toMatchObject(missing)
  await expect(makeLink(world.ctx, { userId })).rejects.toMatchObject(missing)
  expect((await listUsers(other.ctx))[0]?.status).toBe('active')
})

test('changed roles replace the old ones, and every instance is told', async () => {
  await using world = await worldHere()
  const { userId } = await add(world.ctx)
  await changeRoles(world.ctx, { userId, roles: [...administrator] })
  expect((await listUsers(world.ctx)).find(({ id }) => id === userId)?.roles).toEqual(administrator)
  const told = await inTransaction(world.ctx, ({ sql }) =>
    sql.invalidation.findMany({ where: { subjectKind: 'user', subjectId: userId } }),
  )
  expect(told).toHaveLength(1)
})

test('the last active administrator stays one', async () => {
  await using world = await worldHere()
  const userId = world.ctx.actor.id
  const last = { code: 'lastAdministrator' }
  await expect(suspendUser(world.ctx, { userId })).rejects.toMatchObject(last)
  await expect(changeRoles(world.ctx, { userId, roles: [...readOnly] })).rejects.toMatchObject(last)
  const second = await world.userWith(['KMS Administrator'])
  await suspendUser(world.ctx, { userId })
  await expect(suspendUser(second, { userId: second.actor.id })).rejects.toMatchObject(last)
})

test('of two administrators who suspend each other at once one remains', async () => {
  await using world = await worldHere()
  const second = await world.userWith(['KMS Administrator'])
  const settled = await Promise.allSettled([
    suspendUser(world.ctx, { userId: second.actor.id }),
    suspendUser(second, { userId: world.ctx.actor.id }),
  ])
  expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  const active = await inSystemTransaction(world.db, 'administration', (sql) =>
    sql.user.count({ where: { accountId: world.accountId, status: 'active' } }),
  )
  expect(active).toBe(1)
})

test('a suspended user may do nothing, and keeps the roles for resuming', async () => {
  await using world = await worldHere()
  const user = await world.userWith(['KMS CMKFullAccess'])
  const userId = user.actor.id
  const { token } = await makeLink(world.ctx, { userId })
  await suspendUser(world.ctx, { userId })
  expect((await readShell(user)).regions.flatMap(({ projects }) => projects)).toEqual([])
  await expect(readLink(world.db, token)).rejects.toMatchObject({ code: 'linkInvalid' })
  await expect(makeLink(world.ctx, { userId })).rejects.toMatchObject({ code: 'userSuspended' })
  await resumeUser(world.ctx, { userId })
  expect((await readShell(user)).regions.flatMap(({ projects }) => projects)).toHaveLength(2)
})

test('a link works once, also when it is used twice at once', async () => {
  await using world = await worldHere()
  const { link, userId } = await add(world.ctx)
  const use = (passwordHash: string) =>
    useLink(world.db, world.rootKey, { token: link.token, passwordHash }, origin)
  const settled = await Promise.allSettled([use('one'), use('two')])
  expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  await expect(use('three')).rejects.toMatchObject({ code: 'linkInvalid' })
  await expect(readLink(world.db, link.token)).rejects.toMatchObject({ code: 'linkInvalid' })
  expect((await eventsOf(world)).at(-1)).toEqual({
    action: 'setPassword',
    outcome: 'done',
    resourceId: userId,
  })
})

test('a password set by a link ends every session of the user, and of nobody else', async () => {
  await using world = await worldHere()
  const { link, userId } = await add(world.ctx)
  const sessionsOf = (id: string) =>
    inSystemTransaction(world.db, 'sign-in', (sql) => sql.session.count({ where: { userId: id } }))
  await inSystemTransaction(world.db, 'sign-in', (sql) =>
    sql.session.createMany({
      data: [userId, userId, world.ctx.actor.id].map((id) => ({
        id: randomUUID(),
        userId: id,
        token: randomUUID(),
        expiresAt: new Date(Date.now() + 60_000),
      })),
    }),
  )
  await useLink(world.db, world.rootKey, { token: link.token, passwordHash: 'a hash' }, origin)
  expect([await sessionsOf(userId), await sessionsOf(world.ctx.actor.id)]).toEqual([0, 1])
})

test('a new link ends the older one', async () => {
  await using world = await worldHere()
  const { link, userId } = await add(world.ctx)
  const newer = await makeLink(world.ctx, { userId })
  await expect(readLink(world.db, link.token)).rejects.toMatchObject({ code: 'linkInvalid' })
  await readLink(world.db, newer.token)
})

test('an expired link does not work', async () => {
  await using world = await worldHere()
  const { link, userId } = await add(world.ctx)
  await inTransaction(world.ctx, ({ sql, now }) =>
    sql.link.updateMany({ where: { userId }, data: { expiresAt: now } }),
  )
  await expect(readLink(world.db, link.token)).rejects.toMatchObject({ code: 'linkInvalid' })
  const use = useLink(world.db, world.rootKey, { token: link.token, passwordHash: 'a hash' }, origin)
  await expect(use).rejects.toMatchObject({ code: 'linkInvalid' })
})

test('the database holds no token of a link', async () => {
  await using world = await worldHere()
  const { link, userId } = await add(world.ctx)
  const [row] = await inTransaction(world.ctx, ({ sql }) => sql.link.findMany({ where: { userId } }))
  expect(Buffer.from(row?.tokenHash ?? []).toString('base64url')).not.toBe(link.token)
  expect(Buffer.from(row?.tokenHash ?? []).toString()).not.toContain(link.token)
})
