import { pino } from 'pino'
import { expect, inject, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { deleteAccessKey } from '../access/delete-access-key.ts'
import { findAccessKey } from '../access/find-access-key.ts'
import { makeAccessKey } from '../access/make-access-key.ts'
import { readToken, tokenHash } from '../access/read-token.ts'
import { suspendUser } from '../access/suspend-user.ts'
import { createAlias } from '../aliases/create-alias.ts'
import type { KmsContext } from '../context.ts'
import { createGrant } from '../grants/create-grant.ts'
import { changeKeyState } from '../keys/change-key-state.ts'
import { decryptData } from '../operations/decrypt-data.ts'
import { encryptData } from '../operations/encrypt-data.ts'
import { principalOf } from '../operations/find-grant.ts'
import { generateRandom } from '../operations/generate-random.ts'
import { ownsProject } from '../projects/owns-project.ts'
import { statementsBesideLeases } from '../testing/captured-queries.ts'
import { everyUse, type KeyUseName, keyUseNames } from '../testing/every-use.ts'
import { superuser } from '../testing/superuser.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { inSystemTransaction, inTransaction } from '../transaction.ts'
import { Instance, type InstanceOptions } from './instance.ts'
import { ReadAgain } from './read-again.ts'

/** However slow the machine is, a lease that has begun does not end by itself. */
const standingStill = { monotonic: () => 0, wall: () => 0 }

type Running = AsyncDisposable & { instance: Instance; w: TestWorld; database: FreshDatabase }

async function running(options: Pick<InstanceOptions, 'entriesMax' | 'clocks'> = {}): Promise<Running> {
  const database = await freshDatabase()
  const w = await testWorld(database.connectionString)
  const instance = new Instance({
    connectionString: database.connectionString,
    name: 'test',
    log: pino({ enabled: false }),
    ...options,
  })
  await instance.start()
  return {
    instance,
    w,
    database,
    [Symbol.asyncDispose]: async () => {
      await instance.stop()
      await w[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** Does one operation as the endpoint does: with what is known, and if that changes meanwhile from the start without. */
async function reading<T>(
  { instance }: Running,
  ctx: KmsContext,
  work: (ctx: KmsContext) => Promise<T>,
): Promise<T> {
  using read = instance.cache.read()
  if (read) {
    try {
      return await work({ ...ctx, cache: instance.cache, reading: read })
    } catch (error) {
      if (!(error instanceof ReadAgain)) throw error
    }
  }
  return work(ctx)
}

const instances = (w: TestWorld) => inSystemTransaction(w.db, 'instance', (sql) => sql.instance.findMany())

const openInvalidations = (w: TestWorld) =>
  inSystemTransaction(w.db, 'instance', (sql) => sql.invalidation.count({ where: { closedAt: null } }))

type Operation = { as: KmsContext; run: (ctx: KmsContext) => Promise<unknown> }

/** That none costs a statement once everything about it is known, although each does without the cache. */
async function expectNoStatements(running: Running, operations: Record<string, Operation>): Promise<void> {
  const { cache } = running.instance
  for (const [name, { as, run }] of Object.entries(operations)) {
    expect(await statementsBesideLeases(() => run(as)), name).not.toEqual([])
    await reading(running, as, run)
    const { hits } = cache.statistics
    expect(await statementsBesideLeases(() => reading(running, as, run)), name).toEqual([])
    expect(cache.statistics.hits, name).toBeGreaterThan(hits)
  }
}

test('every use of a key costs no statement once everything about it is known', async () => {
  await using run = await running({ clocks: standingStill })
  const { w } = run
  const uses = await everyUse(w)
  const operation = (name: KeyUseName): Operation => ({
    as: w.ctx,
    run: (ctx) => uses[name].run(ctx, w.projectId),
  })
  await expectNoStatements(run, Object.fromEntries(keyUseNames.map((name) => [name, operation(name)])))
})

test('nor does a key reached by an alias, by a grant, or of RSA', async () => {
  await using run = await running({ clocks: standingStill })
  const { w } = run
  const { projectId } = w
  await using elsewhere = await testWorld(run.database.connectionString)
  const rsa = { spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT' } as const
  const [named, grantedHere, grantedElsewhere, asymmetric] = await Promise.all([
    w.makeKey(),
    w.makeKey(),
    w.makeKey(),
    w.makeKey(rsa),
  ])
  const { aliasUrn } = await createAlias(w.ctx, { projectId, keyId: named.id, alias: 'alias/orders' })
  const guest = await w.userWith([])
  const { domainId } = await inTransaction(elsewhere.ctx, (tx) =>
    tx.sql.account.findUniqueOrThrow({ where: { id: elsewhere.accountId } }),
  )
  const toGrant = {
    projectId,
    operations: ['encrypt-data', 'decrypt-data'],
    name: '',
    retiringPrincipal: null,
  } as const
  await createGrant(w.ctx, {
    ...toGrant,
    keyId: grantedHere.id,
    granteeType: 'user',
    granteePrincipal: principalOf(guest.actor.id),
  })
  await createGrant(w.ctx, {
    ...toGrant,
    keyId: grantedElsewhere.id,
    granteeType: 'domain',
    granteePrincipal: domainId,
  })
  const plaintext = Buffer.from('data')
  const algorithm = 'RSAES_OAEP_SHA_256'
  const encrypting = (as: KmsContext, keyId: string, project = projectId): Operation => ({
    as,
    run: (ctx) => encryptData(ctx, { projectId: project, keyId, plaintext }),
  })
  const { ciphertext } = await encryptData(w.ctx, { projectId, keyId: grantedElsewhere.id, plaintext })
  const oaep = await encryptData(w.ctx, { projectId, keyId: asymmetric.id, plaintext, algorithm })
  await expectNoStatements(run, {
    alias: encrypting(w.ctx, 'alias/orders'),
    'URN of an alias': encrypting(w.ctx, aliasUrn),
    grant: encrypting(guest, grantedHere.id),
    'grant of another account': encrypting(elsewhere.ctx, grantedElsewhere.id, elsewhere.projectId),
    'ciphertext of another account': {
      as: elsewhere.ctx,
      run: (ctx) => decryptData(ctx, { projectId: elsewhere.projectId, ciphertext }),
    },
    'encryption with RSA-OAEP': {
      as: w.ctx,
      run: (ctx) => encryptData(ctx, { projectId, keyId: asymmetric.id, plaintext, algorithm }),
    },
    'decryption with RSA-OAEP': {
      as: w.ctx,
      run: (ctx) => decryptData(ctx, { projectId, ...oaep, algorithm }),
    },
  })
})

test('nor do random bytes, an access key, a token and a project', async () => {
  await using run = await running({ clocks: standingStill })
  const { w } = run
  const { projectId, accountId } = w
  const userId = w.ctx.actor.id
  const accessKey = await makeAccessKey(w.ctx, { userId })
  const token = 'a token'
  await inSystemTransaction(w.db, 'sign-in', (sql, now) =>
    sql.accessToken.create({
      data: {
        tokenHash: tokenHash(token),
        accountId,
        userId,
        projectId,
        createdAt: now,
        expiresAt: new Date(now.getTime() + 3_600_000),
      },
    }),
  )
  await expectNoStatements(run, {
    'random bytes': { as: w.ctx, run: (ctx) => generateRandom(ctx, { projectId, length: 64 }) },
    'access key': { as: w.ctx, run: (ctx) => findAccessKey(ctx, accessKey.id) },
    token: { as: w.ctx, run: (ctx) => readToken(ctx, token) },
    project: { as: w.ctx, run: (ctx) => ownsProject(ctx, projectId) },
  })
})

test('a disabled key is dropped before Disable returns, and refused from then on', async () => {
  await using run = await running()
  const { w, instance } = run
  const { id: keyId } = await w.makeKey()
  const use = () =>
    reading(run, w.ctx, (ctx) => encryptData(ctx, { projectId: w.projectId, keyId, plaintext: Buffer.of(1) }))
  for (let round = 0; round < 5; round++) {
    await use()
    await use()
    await changeKeyState(w.ctx, { projectId: w.projectId, keyId, operation: 'disable' })
    expect(instance.lease.holds).toBe(true)
    await expect(use()).rejects.toMatchObject({ code: 'keyDisabled' })
    await changeKeyState(w.ctx, { projectId: w.projectId, keyId, operation: 'enable' })
  }
  expect(instance.statistics.acknowledged).toBe(5)
  expect(await openInvalidations(w)).toBe(0)
})

test('a disabled key that is disabled again holds on every instance before the refusal', async () => {
  await using run = await running()
  const { w } = run
  const { id: keyId } = await w.makeKey()
  const disable = () => changeKeyState(w.ctx, { projectId: w.projectId, keyId, operation: 'disable' })
  // As if the process of the first caller had died after its commit.
  await disable()
  await inSystemTransaction(w.db, 'instance', async (sql) => {
    await sql.invalidationAcknowledgement.deleteMany()
    await sql.invalidation.updateMany({ data: { closedAt: null } })
  })
  await expect(disable()).rejects.toMatchObject({ code: 'keyNotEnabled' })
  expect(await openInvalidations(w)).toBe(0)
})

test('access keys and users are dropped as keys are', async () => {
  await using run = await running()
  const { w } = run
  const someone = await w.userWith(['KMS CMKFullAccess'])
  const userId = someone.actor.id
  const first = await makeAccessKey(w.ctx, { userId })
  const second = await makeAccessKey(w.ctx, { userId })
  const who = (id: string) => reading(run, someone, (ctx) => findAccessKey(ctx, id))
  expect((await who(first.id)).user).toMatchObject({ userId })
  expect(await statementsBesideLeases(() => who(first.id))).toEqual([])
  await who(second.id)
  await deleteAccessKey(w.ctx, { userId, accessKeyId: first.id })
  expect((await who(first.id)).user).toBeNull()
  expect(await statementsBesideLeases(() => who(second.id))).toEqual([])
  await suspendUser(w.ctx, { userId })
  expect((await who(second.id)).user).toBeNull()
})

test('random bytes are not answered to an access key that was deleted while its rights were asked for', async () => {
  await using run = await running({ clocks: standingStill })
  const { w } = run
  const someone = await w.userWith(['KMS CMKFullAccess'])
  const userId = someone.actor.id
  const { id: accessKeyId } = await makeAccessKey(w.ctx, { userId })
  await reading(run, someone, (ctx) => findAccessKey(ctx, accessKeyId))
  const { cache } = run.instance
  using read = cache.read()
  if (!read) throw new Error('there is no lease')
  const ctx = { ...someone, cache, reading: read }
  await findAccessKey(ctx, accessKeyId)
  await deleteAccessKey(w.ctx, { userId, accessKeyId })
  await expect(generateRandom(ctx, { projectId: w.projectId, length: 64 })).rejects.toThrow(ReadAgain)
})

test('what a grant opens in one project is not opened by it where the caller has a key of its own, Disabled', async () => {
  await using run = await running({ clocks: standingStill })
  const { w } = run
  const { projectId, otherProjectId } = w
  const primary = await w.makeKey()
  const replica = await w.makeReplica({ projectId, keyId: primary.id })
  const user = await w.userWith(['KMS Administrator'], otherProjectId)
  await createGrant(w.ctx, {
    projectId,
    keyId: primary.id,
    operations: ['decrypt-data'],
    granteeType: 'user',
    granteePrincipal: principalOf(user.actor.id),
    name: '',
    retiringPrincipal: null,
  })
  const { ciphertext } = await encryptData(w.ctx, { projectId, keyId: primary.id, plaintext: Buffer.of(1) })
  const openIn = (project: string) =>
    reading(run, user, (ctx) => decryptData(ctx, { projectId: project, ciphertext }))
  for (let time = 0; time < 2; time++) {
    expect((await openIn(projectId)).keyId).toBe(primary.id)
    expect((await openIn(otherProjectId)).keyId).toBe(replica.keyId)
  }
  await changeKeyState(w.ctx, { projectId: otherProjectId, keyId: replica.keyId, operation: 'disable' })
  await expect(openIn(otherProjectId)).rejects.toMatchObject({ code: 'keyDisabled' })
  expect((await openIn(projectId)).keyId).toBe(primary.id)
})

test('found fenced, an instance drops everything and registers anew, and nobody waits for its old self', async () => {
  await using run = await running()
  const { w, instance } = run
  const { id: keyId } = await w.makeKey()
  const use = () =>
    reading(run, w.ctx, (ctx) => encryptData(ctx, { projectId: w.projectId, keyId, plaintext: Buffer.of(1) }))
  await use()
  const [before] = await instances(w)
  await w.db.$queryRaw`SELECT keystead_fence_instances(${[before?.id]}::uuid[])::text`
  await expect.poll(() => instance.statistics.registrations).toBe(2)
  await expect.poll(() => instance.lease.holds).toBe(true)
  expect(instance.cache.statistics.entries).toBe(0)
  const [after, ...more] = await instances(w)
  expect(more).toEqual([])
  expect(after?.id).not.toBe(before?.id)
  await use()
})

/** The name of a database's server as a renewal reads it, once its functions are found before Postgres's own. */
const onAnotherServer = {
  timeline: `CREATE FUNCTION elsewhere.pg_walfile_name(pg_lsn) RETURNS text LANGUAGE sql
    AS $$ SELECT '0000002A0000000000000001' $$`,
  'system identifier': `CREATE FUNCTION elsewhere.pg_control_system() RETURNS TABLE (system_identifier bigint) LANGUAGE sql
    AS $$ SELECT 42 $$`,
}

/** Cuts the connection of the instance, as a failover does; `before` is committed with the cut. */
async function cutConnection({ database }: Running, before = ''): Promise<void> {
  await using server = await superuser(database.connectionString, inject('superuserDatabaseUrl'))
  await server.run(`BEGIN; ${before};
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'keystead instance';
    COMMIT`)
}

test.for([
  ['another timeline', onAnotherServer.timeline],
  ['another system identifier', onAnotherServer['system identifier']],
  // Replication was not synchronous: the instance is not known there.
  ['a server that has lost the register', `${onAnotherServer.timeline}; DELETE FROM instance`],
] as const)(
  'after a failover to %s, everything is dropped and the instance registers anew, once',
  async ([_, elsewhere]) => {
    await using run = await running({ clocks: standingStill })
    const { w, instance } = run
    const { id: keyId } = await w.makeKey()
    const use = () =>
      reading(run, w.ctx, (ctx) =>
        encryptData(ctx, { projectId: w.projectId, keyId, plaintext: Buffer.of(1) }),
      )
    await use()
    expect(instance.cache.statistics.entries).toBeGreaterThan(0)
    const [before] = await instances(w)
    const name = new URL(run.database.connectionString).pathname.slice(1)
    await cutConnection(
      run,
      `CREATE SCHEMA elsewhere; GRANT USAGE ON SCHEMA elsewhere TO PUBLIC; ${elsewhere};
     ALTER DATABASE ${name} SET search_path = elsewhere, public, pg_catalog`,
    )
    await expect.poll(() => instance.statistics.registrations).toBe(2)
    await expect.poll(() => instance.lease.holds).toBe(true)
    expect(instance.cache.statistics.entries).toBe(0)
    const [after, ...more] = await instances(w)
    expect(more).toEqual([])
    expect(after?.id).not.toBe(before?.id)
    await use()
    // It knows the server now.
    const { renewals } = instance.statistics
    await expect.poll(() => instance.statistics.renewals).toBeGreaterThan(renewals + 1)
    expect(instance.statistics.registrations).toBe(2)
    expect(instance.cache.statistics.entries).toBeGreaterThan(0)
  },
)

test('a lost connection to the same server drops nothing', async () => {
  await using run = await running({ clocks: standingStill })
  const { w, instance } = run
  const { id: keyId } = await w.makeKey()
  await reading(run, w.ctx, (ctx) =>
    encryptData(ctx, { projectId: w.projectId, keyId, plaintext: Buffer.of(1) }),
  )
  const { entries } = instance.cache.statistics
  const before = await instances(w)
  await cutConnection(run)
  await expect.poll(() => instance.statistics.failedRenewals).toBeGreaterThan(0)
  const { renewals } = instance.statistics
  await expect.poll(() => instance.statistics.renewals).toBeGreaterThan(renewals)
  expect(instance.statistics.registrations).toBe(1)
  expect(instance.cache.statistics.entries).toBe(entries)
  expect((await instances(w)).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
})

test('an instance that finds very many open invalidations obeys them bit by bit, and gets its lease', async () => {
  await using database = await freshDatabase()
  await using w = await testWorld(database.connectionString)
  await using root = await superuser(database.connectionString, inject('superuserDatabaseUrl'))
  const many = 100_000
  await root.run(
    `INSERT INTO invalidation (account_id, subject_kind, subject_id)
     SELECT $1, 'key', gen_random_uuid()::text FROM generate_series(1, $2)`,
    [w.accountId, many],
  )
  const instance = new Instance({
    connectionString: database.connectionString,
    name: 'test',
    log: pino({ enabled: false }),
    clocks: standingStill,
  })
  await instance.start()
  // On a busy machine a bit of them may take longer than a statement may; what was obeyed before it stays.
  await expect.poll(() => instance.lease.holds).toBe(true)
  expect(instance.statistics.registrations).toBe(1)
  expect(await root.run('SELECT count(*)::int AS acknowledged FROM invalidation_acknowledgement')).toEqual([
    { acknowledged: many },
  ])
  await instance.stop()
})

test('an instance that stops leaves the register', async () => {
  const run = await running()
  await run.instance.stop()
  expect(await instances(run.w)).toEqual([])
  expect(run.instance.cache.read()).toBeNull()
  await run[Symbol.asyncDispose]()
})

test('more keys than there is room for are used all the same', async () => {
  await using run = await running({ entriesMax: 7 })
  const { w, instance } = run
  const { projectId } = w
  const keys = await Promise.all(Array.from({ length: 6 }, () => w.makeKey()))
  for (let round = 0; round < 3; round++) {
    const plaintextOf = (index: number) => Buffer.of(round, index)
    const made = await Promise.all(
      keys.map(({ id: keyId }, index) =>
        reading(run, w.ctx, (ctx) => encryptData(ctx, { projectId, keyId, plaintext: plaintextOf(index) })),
      ),
    )
    expect(made.map(({ keyId }) => keyId)).toEqual(keys.map(({ id }) => id))
    // Material that was dropped while others used it was not overwritten under their hands.
    const opened = await Promise.all(
      made.map(({ ciphertext }) => decryptData(w.ctx, { projectId, ciphertext })),
    )
    expect(opened.map(({ plaintext }) => plaintext)).toEqual(keys.map((_, index) => plaintextOf(index)))
  }
  expect(instance.cache.statistics.entries).toBeLessThanOrEqual(7)
})
