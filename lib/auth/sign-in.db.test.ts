import { randomUUID } from 'node:crypto'
import { hashPassword } from 'better-auth/crypto'
import { expect, inject, test } from 'vitest'
import { storePassword } from '#lib/kms/access/store-password.ts'
import { testWorld } from '#lib/kms/testing/test-world.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import { createAuth } from './better-auth.ts'
import { readSession } from './read-session.ts'
import { newRequestId } from './request-id.ts'
import { signIn } from './sign-in.ts'
import { signOut } from './sign-out.ts'

test('signs in', async () => {
  await using world = await testWorld(inject('databaseUrl'))
  const { db, rootKey, ctx } = world
  const service = {
    db,
    rootKey,
    auth: createAuth(db, 'x'.repeat(43), 'http://127.0.0.1:3000'),
    publicUrl: 'http://127.0.0.1:3000',
  }
  const hash = await hashPassword('correct horse battery')
  await inSystemTransaction(db, 'sign-in', (sql, now) =>
    storePassword(sql, new Date(now.getTime() - 1000), ctx.actor.id, hash),
  )
  const email = `${ctx.actor.id}@example.test`
  const headers = new Headers({ 'x-keystead-source-address': '::ffff:10.1.2.3', 'user-agent': 'test' })
  const cookies = await signIn(service, headers, { email, password: 'correct horse battery' }, newRequestId())
  console.log(cookies)
  const cookie = cookies[0]!.split(';')[0]!
  const t0 = performance.now()
  const s = await readSession(
    service,
    new Headers({ cookie, 'x-keystead-source-address': '10.1.2.3' }),
    newRequestId(),
  )
  console.log(s?.ctx.actor, s?.ctx.sourceAddress, performance.now() - t0)
  const t1 = performance.now()
  for (let i = 0; i < 50; i++) await readSession(service, new Headers({ cookie }), newRequestId())
  console.log('per read', (performance.now() - t1) / 50)
  console.log(await inSystemTransaction(db, 'sign-in', (sql) => sql.session.findMany()))
  await expect(
    signIn(service, headers, { email, password: 'wrong horse battery' }, newRequestId()),
  ).rejects.toThrow('not correct')
  console.log(await signOut(service, new Headers({ cookie }), newRequestId()))
  expect(await readSession(service, new Headers({ cookie }), newRequestId())).toBe(null)
  console.log(
    await inSystemTransaction(db, 'sign-in', (sql) =>
      sql.auditEvent.findMany({
        where: { accountId: ctx.accountId },
        select: { action: true, outcome: true, actorId: true },
      }),
    ),
  )
})
