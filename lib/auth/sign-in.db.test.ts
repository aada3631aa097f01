import { createHash } from 'node:crypto'
import { Client } from 'pg'
import { expect, inject, test } from 'vitest'
import { changeRoles } from '#lib/kms/access/change-roles.ts'
import { storePassword } from '#lib/kms/access/store-password.ts'
import { suspendUser } from '#lib/kms/access/suspend-user.ts'
import { can } from '#lib/kms/model/permissions.ts'
import { countedAttempts, pauseAttempts } from '#lib/kms/testing/pause-attempts.ts'
import { testWorld } from '#lib/kms/testing/test-world.ts'
import { inSystemTransaction, inTransaction } from '#lib/kms/transaction.ts'
import { firstStart } from './first-start.ts'
import { readSession } from './read-session.ts'
import { newRequestId } from './request-id.ts'
import { signIn } from './sign-in.ts'
import { signOut } from './sign-out.ts'
import {
  cookieOf,
  freshInstallation,
  givePassword,
  newAddress,
  requestHeaders,
  testPublicUrl,
  testService,
} from './testing/test-console.ts'

const worldHere = () => testWorld(inject('databaseUrl'))

const wrong = 'Email or password is not correct.'

test('signs in, is known by the cookie, signs out', async () => {
  await using world = await worldHere()
  const service = testService(world)
  const credentials = await givePassword(world, world.ctx.actor.id)
  const headers = requestHeaders({ address: '::ffff:10.1.2.3' })
  const [setCookie = ''] = await signIn(service, headers, credentials, newRequestId())
  expect(setCookie).toMatch(/^keystead=[^;]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/)
  const cookie = setCookie.split(';', 1)[0] ?? ''

  const session = await readSession(service, requestHeaders({ address: '10.1.2.3', cookie }), 'a request')
  expect(session?.ctx).toMatchObject({
    accountId: world.accountId,
    actor: world.ctx.actor,
    requestId: 'a request',
    sourceAddress: '10.1.2.3',
  })

  const [gone = ''] = await signOut(service, requestHeaders({ cookie }), newRequestId())
  expect(gone).toMatch(/^keystead=; Max-Age=0/)
  expect(await readSession(service, requestHeaders({ cookie }), newRequestId())).toBeNull()

  const events = await inTransaction(world.ctx, ({ sql }) =>
    sql.auditEvent.findMany({ where: { accountId: world.accountId }, orderBy: { seq: 'asc' } }),
  )
  expect(events.map(({ action, outcome, actorId }) => [action, outcome, actorId])).toEqual([
    ['signIn', 'done', world.ctx.actor.id],
    ['signOut', 'done', world.ctx.actor.id],
  ])
})

test('the cookie of an https console keeps to its host', async () => {
  await using world = await worldHere()
  const service = testService(world, 'https://kms.example.com')
  const credentials = await givePassword(world, world.ctx.actor.id)
  const [setCookie = ''] = await signIn(service, requestHeaders({}), credentials, newRequestId())
  expect(setCookie).toMatch(/^__Host-keystead=[^;]+; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
})

test('the database holds the hash of the session token and not the token', async () => {
  await using world = await worldHere()
  const service = testService(world)
  const cookie = await cookieOf(service, await givePassword(world, world.ctx.actor.id))
  const token = decodeURIComponent(cookie.slice('keystead='.length)).split('.', 1)[0] ?? ''
  expect(token.length).toBe(32)

  const client = new Client({ connectionString: inject('databaseUrl') })
  await client.connect()
  const { rows } = await client.query('SELECT * FROM iam_session').finally(() => client.end())
  const dump = JSON.stringify(rows)
  expect(dump).not.toContain(token)
  expect(dump).toContain(createHash('sha256').update(token).digest('hex'))
})

test('what the database holds is no session token', async () => {
  await using world = await worldHere()
  const service = testService(world)
  const cookie = await cookieOf(service, await givePassword(world, world.ctx.actor.id))
  const token = decodeURIComponent(cookie.slice('keystead='.length)).split('.', 1)[0] ?? ''
  const forged = cookie.replace(token, createHash('sha256').update(token).digest('hex'))
  expect(await readSession(service, requestHeaders({ cookie: forged }), newRequestId())).toBeNull()
})

test('a wrong password, a suspended user and an unknown email get the same answer', async () => {
  await using world = await worldHere()
  await using installation = await freshInstallation()
  const service = testService(world)
  const { email } = await givePassword(world, world.ctx.actor.id)
  const suspended = await world.userWith(['KMS Administrator'])
  const right = await givePassword(world, suspended.actor.id)
  await suspendUser(world.ctx, { userId: suspended.actor.id })
  await firstStart(installation.db, installation.rootKey, firstStartSettings)

  const address = newAddress()
  const attempt = (who: typeof service, input: { email: string; password: string }) =>
    signIn(who, requestHeaders({ address }), input, newRequestId())
  await expect(attempt(service, { email, password: 'wrong horse battery' })).rejects.toThrow(wrong)
  await expect(attempt(service, right)).rejects.toThrow(wrong)
  const unknown = { email: 'my-password-by-mistake@example.test', password: 'x' }
  await expect(attempt(testService(installation), unknown)).rejects.toThrow(wrong)

  const refused = await inTransaction(world.ctx, ({ sql }) =>
    sql.auditEvent.findMany({
      where: { accountId: world.accountId, action: 'signIn' },
      orderBy: { seq: 'asc' },
    }),
  )
  expect(refused.map(({ outcome, actorId, resourceId }) => [outcome, actorId, resourceId])).toEqual([
    ['refused', null, world.ctx.actor.id],
    ['refused', null, suspended.actor.id],
  ])
  const [event] = await inSystemTransaction(installation.db, 'administration', (sql) =>
    sql.auditEvent.findMany({ where: { accountId: null, action: 'signIn' } }),
  )
  expect(event).toMatchObject({ outcome: 'refused', actorId: null, resourceId: null })
  expect(Buffer.from(event?.body ?? []).toString()).not.toContain('my-password-by-mistake')
})

const firstStartSettings = {
  publicUrl: testPublicUrl,
  adminEmail: undefined,
  adminPassword: undefined,
  adminAccessKey: undefined,
  adminSecretKey: undefined,
  projectId: undefined,
  keyQuota: 100,
  regions: [{ id: 'north-1', name: 'North' }],
}

test('an unknown email takes as long as a wrong password', async () => {
  await using installation = await freshInstallation()
  await firstStart(installation.db, installation.rootKey, {
    ...firstStartSettings,
    adminEmail: 'ana@example.com',
    adminPassword: 'correct horse battery',
  })
  const service = testService(installation)
  const milliseconds = async (email: string) => {
    const start = performance.now()
    await expect(
      signIn(
        service,
        requestHeaders({ address: newAddress() }),
        { email, password: 'wrong' },
        newRequestId(),
      ),
    ).rejects.toThrow(wrong)
    return performance.now() - start
  }
  await milliseconds('warm-up@example.com')
  const known: number[] = []
  const unknown: number[] = []
  for (let round = 0; round < 4; round++) {
    known.push(await milliseconds('ana@example.com'))
    unknown.push(await milliseconds(`nobody-${round}@example.com`))
  }
  // Without the hashing an unknown email would be answered in a tenth of the time.
  expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 2)
})

test('of twenty wrong passwords at once five are looked at, and then the right one waits too', async () => {
  await using world = await worldHere()
  const service = testService(world)
  const { email, password } = await givePassword(world, world.ctx.actor.id)
  const attempt = (guess: string) =>
    signIn(service, requestHeaders({ address: newAddress() }), { email, password: guess }, newRequestId())
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => attempt('wrong horse battery')))
  const codes = answers.map((answer) => (answer.status === 'rejected' ? answer.reason.code : 'signed in'))
  const lookedAt = codes.filter((code) => code === 'credentialsInvalid').length
  expect(codes.filter((code) => code === 'tooManyAttempts').length).toBe(20 - lookedAt)
  // On a busy machine the twenty take longer than the first pauses, each of which lets one more through.
  expect(lookedAt).toBe(await countedAttempts(world.db, email))
  expect(lookedAt).toBeGreaterThanOrEqual(5)
  expect(lookedAt).toBeLessThanOrEqual(8)
  await pauseAttempts(world.db, email)
  await expect(attempt(password)).rejects.toMatchObject({ code: 'tooManyAttempts' })
})

test('a suspended user is signed out at once, and resuming opens no old session', async () => {
  await using world = await worldHere()
  const service = testService(world)
  const user = await world.userWith(['KMS CMKFullAccess'])
  const cookie = await cookieOf(service, await givePassword(world, user.actor.id))
  await suspendUser(world.ctx, { userId: user.actor.id })
  expect(await readSession(service, requestHeaders({ cookie }), newRequestId())).toBeNull()
})

test('a session whose user became suspended in any way answers signed out', async () => {
  await using world = await worldHere()
  const service = testService(world)
  const cookie = await cookieOf(service, await givePassword(world, world.ctx.actor.id))
  await inSystemTransaction(world.db, 'administration', (sql) =>
    sql.user.update({ where: { id: world.ctx.actor.id }, data: { status: 'suspended' } }),
  )
  expect(await readSession(service, requestHeaders({ cookie }), newRequestId())).toBeNull()
})

test('a change of rights holds for the next request of a running session', async () => {
  await using world = await worldHere()
  const service = testService(world)
  const user = await world.userWith(['KMS CMKFullAccess'])
  const cookie = await cookieOf(service, await givePassword(world, user.actor.id))
  const mayCreate = async () => {
    const session = await readSession(service, requestHeaders({ cookie }), newRequestId())
    if (!session) throw new Error('signed out')
    return inTransaction(session.ctx, async ({ rights }) =>
      can(rights, 'kms:cmk:create', { projectId: world.projectId }),
    )
  }
  expect(await mayCreate()).toBe(true)
  await changeRoles(world.ctx, {
    userId: user.actor.id,
    roles: [{ role: 'KMS CMKReadOnlyAccess', projectId: null }],
  })
  expect(await mayCreate()).toBe(false)
})

test('a sign-in that was under way when the password was changed opens no session', async () => {
  await using world = await worldHere()
  const service = testService(world)
  const credentials = await givePassword(world, world.ctx.actor.id)
  // A change that carries a later moment than the attempt's is what the race looks like afterwards.
  await inSystemTransaction(world.db, 'sign-in', async (sql, now) => {
    const { password } = await sql.credential.findFirstOrThrow({ where: { userId: world.ctx.actor.id } })
    await storePassword(sql, new Date(now.getTime() + 60_000), world.ctx.actor.id, password ?? '')
  })
  await expect(cookieOf(service, credentials)).rejects.toThrow(wrong)
})

test('an expired session is signed out', async () => {
  await using world = await worldHere()
  const service = testService(world)
  const cookie = await cookieOf(service, await givePassword(world, world.ctx.actor.id))
  await inSystemTransaction(world.db, 'sign-in', (sql) =>
    sql.session.updateMany({
      where: { userId: world.ctx.actor.id },
      data: { expiresAt: new Date(Date.now() - 1_000) },
    }),
  )
  expect(await readSession(service, requestHeaders({ cookie }), newRequestId())).toBeNull()
})

test('a cookie signed with another secret is nobody', async () => {
  await using world = await worldHere()
  const service = testService(world)
  const cookie = await cookieOf(service, await givePassword(world, world.ctx.actor.id))
  const [token] = cookie.split('.', 1)
  const forged = `${token}.${encodeURIComponent(`${'A'.repeat(43)}=`)}`
  expect(await readSession(service, requestHeaders({ cookie: forged }), newRequestId())).toBeNull()
})

test('nobody signs up, and nothing but signing in opens a session', async () => {
  await using world = await worldHere()
  const { auth } = testService(world)
  const body = { email: 'eve@example.com', password: 'correct horse battery', name: 'Eve' }
  await expect(auth.api.signUpEmail({ body })).rejects.toThrow()
  const { internalAdapter } = await auth.$context
  await expect(internalAdapter.createSession(world.ctx.actor.id)).rejects.toThrow('by signing in')
})
