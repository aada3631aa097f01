import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { openDatabase } from '#lib/db/client.ts'
import { freshDatabase } from '#lib/db/testing/fresh-database.ts'
import type { DataEvent } from '../audit/event.ts'
import { verifyAudit } from '../audit/verify-audit.ts'
import type { KmsContext } from '../context.ts'
import { createGrant } from '../grants/create-grant.ts'
import type { KeyInProject } from '../keys/change-key.ts'
import { changeKeyState } from '../keys/change-key-state.ts'
import { peekKey } from '../keys/lock-key.ts'
import { dayMilliseconds } from '../model/limits.ts'
import { decryptData } from '../operations/decrypt-data.ts'
import { encryptData } from '../operations/encrypt-data.ts'
import { principalOf } from '../operations/find-grant.ts'
import { generateRandom } from '../operations/generate-random.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { inTransaction } from '../transaction.ts'
import { countAnew } from './count-anew.ts'
import { readRefusedCalls } from './read-refused-calls.ts'
import { setDataEvents } from './set-data-events.ts'
import { BatchedUseRecorder, type RecorderOptions } from './use-recorder.ts'

let w: TestWorld

beforeAll(async () => {
  w = await testWorld(inject('databaseUrl'), { keyQuota: 1_000 })
})

afterAll(() => w[Symbol.asyncDispose]())

const text = Buffer.from('a small secret')
const code = (expected: string) => expect.objectContaining({ code: expected })
const silent = { warn: () => undefined }

type Recording = { ctx: KmsContext; recorder: BatchedUseRecorder; key: KeyInProject }

async function recording(own: TestWorld, options: Partial<RecorderOptions> = {}): Promise<Recording> {
  const recorder = new BatchedUseRecorder({ db: own.db, rootKey: own.rootKey, log: silent, ...options })
  const { id: keyId } = await own.makeKey()
  return { ctx: { ...own.ctx, uses: recorder }, recorder, key: { projectId: own.projectId, keyId } }
}

const encrypt = (ctx: KmsContext, key: KeyInProject) => encryptData(ctx, { ...key, plaintext: text })

type Link = { details: { count: number; lost?: number }; uses: DataEvent[] }

async function linksOf(own: TestWorld): Promise<Link[]> {
  const events = await inTransaction(own.ctx, (tx) =>
    tx.sql.auditEvent.findMany({
      where: { accountId: own.accountId, action: 'dataEvents' },
      orderBy: { seq: 'asc' },
    }),
  )
  return events.map((event) => JSON.parse(Buffer.from(event.body).toString()) as Link)
}

const usesOf = async (own: TestWorld): Promise<DataEvent[]> =>
  (await linksOf(own)).flatMap((link) => link.uses)

const activityOf = (own: TestWorld, keyId: string) =>
  inTransaction(own.ctx, (tx) =>
    tx.sql.keyActivity.findUniqueOrThrow({
      where: { accountId_keyId: { accountId: own.accountId, keyId } },
    }),
  )

async function expectSoundChain(own: TestWorld): Promise<void> {
  const [report] = await verifyAudit(own.db, own.rootKey, { accountId: own.accountId })
  expect(report?.problem).toBeNull()
}

describe('data events', () => {
  test('what was done and what was refused is recorded in order, without any data, and the chain verifies', async () => {
    await using own = await testWorld(inject('databaseUrl'))
    const { ctx, recorder, key } = await recording(own)
    const { ciphertext } = await encrypt(ctx, key)
    await decryptData(ctx, { projectId: key.projectId, ciphertext })
    await generateRandom(ctx, { projectId: key.projectId, length: 64 })
    await changeKeyState(own.ctx, { ...key, operation: 'disable' })
    await expect(encrypt(ctx, key)).rejects.toEqual(code('keyDisabled'))
    const stranger = { ...(await own.userWith([])), uses: recorder }
    await expect(encrypt(stranger, key)).rejects.toEqual(code('notPermitted'))
    await recorder.stop()
    const links = await linksOf(own)
    // One link, or more where the five take longer than a second, after which what is there is written.
    for (const { details, uses } of links) expect(details).toEqual({ count: uses.length })
    const by = { kind: 'user', id: ctx.actor.id, name: 'Someone' }
    const common = { actor: by, account: own.accountId, request: ctx.requestId, address: '127.0.0.1' }
    const onKey = { ...common, key: key.keyId, project: key.projectId }
    expect(links.flatMap(({ uses }) => uses.map(({ at: _, ...rest }) => rest))).toEqual([
      { action: 'encryptData', outcome: 'done', error: null, ...onKey },
      { action: 'decryptData', outcome: 'done', error: null, ...onKey },
      { action: 'genRandom', outcome: 'done', error: null, ...common, key: null, project: null },
      { action: 'encryptData', outcome: 'refused', error: 'KMS.0209', ...onKey },
      {
        action: 'encryptData',
        outcome: 'refused',
        error: 'KMS.0307',
        ...common,
        actor: { ...by, id: stranger.actor.id },
        request: stranger.requestId,
        key: null,
        project: null,
      },
    ])
    expect(JSON.stringify(links)).not.toContain(text.toString('base64'))
    await expectSoundChain(own)
  })

  test('a use that another account was granted stands in the chain of the owner', async () => {
    await using own = await testWorld(inject('databaseUrl'))
    await using grantee = await testWorld(inject('databaseUrl'))
    const { recorder, key } = await recording(own)
    await createGrant(own.ctx, {
      ...key,
      granteePrincipal: principalOf(grantee.ctx.actor.id),
      granteeType: 'user',
      operations: ['encrypt-data'],
      name: '',
      retiringPrincipal: null,
    })
    await encrypt({ ...grantee.ctx, uses: recorder }, { ...key, projectId: grantee.projectId })
    await recorder.stop()
    expect(await usesOf(grantee)).toEqual([])
    expect(await usesOf(own)).toMatchObject([
      {
        action: 'encryptData',
        account: grantee.accountId,
        actor: { id: grantee.ctx.actor.id },
        key: key.keyId,
      },
    ])
  })

  test('are switched off and on by an administrator, which is recorded; counters go on', async () => {
    await using own = await testWorld(inject('databaseUrl'))
    const { ctx, recorder, key } = await recording(own)
    const full = await own.userWith(['KMS CMKFullAccess'])
    await expect(setDataEvents(full, { enabled: false })).rejects.toEqual(code('notPermitted'))
    await setDataEvents(own.ctx, { enabled: false })
    await setDataEvents(own.ctx, { enabled: false })
    await encrypt(ctx, key)
    await recorder.flush()
    expect(await usesOf(own)).toEqual([])
    expect(await activityOf(own, key.keyId)).toMatchObject({ calls30Days: 1n })
    await setDataEvents(own.ctx, { enabled: true })
    await encrypt(ctx, key)
    await recorder.stop()
    expect(await usesOf(own)).toHaveLength(1)
    const events = await inTransaction(own.ctx, (tx) =>
      tx.sql.auditEvent.findMany({ where: { accountId: own.accountId }, orderBy: { seq: 'asc' } }),
    )
    expect(events.map((event) => [event.action, event.outcome])).toEqual([
      ['createKey', 'done'],
      ['disableDataEvents', 'refused'],
      ['disableDataEvents', 'done'],
      ['enableDataEvents', 'done'],
      ['dataEvents', 'done'],
    ])
    await expectSoundChain(own)
  })

  test('2,500 uses at once are three links, in their order', async () => {
    await using own = await testWorld(inject('databaseUrl'))
    const { ctx, recorder } = await recording(own)
    for (let use = 0; use < 2_500; use++) {
      const numbered = { ...ctx, requestId: String(use) }
      recorder.add(numbered, { use: 'generateRandom', accountId: own.accountId, key: null, refused: null })
    }
    await recorder.stop()
    const links = await linksOf(own)
    expect(links.map((link) => link.uses.length)).toEqual([1_000, 1_000, 500])
    expect(links.flatMap((link) => link.uses.map((use) => use.request))).toEqual(
      Array.from({ length: 2_500 }, (_, use) => String(use)),
    )
    await expectSoundChain(own)
  })

  test('are written by themselves, a second after the first', async () => {
    await using own = await testWorld(inject('databaseUrl'))
    const { ctx, key } = await recording(own)
    const begun = performance.now()
    await encrypt(ctx, key)
    await expect.poll(() => usesOf(own)).toHaveLength(1)
    expect(performance.now() - begun).toBeGreaterThan(900)
  })

  test('a process that dies loses what it had not written, and nothing else', async () => {
    await using own = await testWorld(inject('databaseUrl'))
    const { ctx, recorder, key } = await recording(own)
    await encrypt(ctx, key)
    await recorder.flush()
    await encrypt(ctx, key)
    expect(await usesOf(own)).toHaveLength(1)
    expect(await activityOf(own, key.keyId)).toMatchObject({ calls30Days: 1n })
    await expectSoundChain(own)
  })

  test('while the database is away uses are kept, up to a bound, and the number of those lost is recorded', async () => {
    await using own = await testWorld(inject('databaseUrl'))
    const { ctx, key } = await recording(own)
    const locked = await inTransaction(ctx, (tx) => peekKey(tx, key.projectId, key.keyId))
    await using away = openDatabaseAway()
    const database = switching(away.db)
    let warnings = 0
    const recorder = new BatchedUseRecorder({
      db: database.proxy,
      rootKey: own.rootKey,
      log: { warn: () => warnings++ },
      eventsMax: 10,
    })
    const use = { use: 'encryptData', accountId: own.accountId, key: locked, refused: null } as const
    for (let request = 0; request < 25; request++) {
      recorder.add({ ...ctx, requestId: String(request) }, use)
    }
    await recorder.flush()
    expect(warnings).toBe(2)
    database.set(own.db)
    await recorder.stop()
    const [link, ...others] = await linksOf(own)
    expect(others).toEqual([])
    expect((link?.details.count ?? 0) + (link?.details.lost ?? 0)).toBe(25)
    expect(link?.uses.at(-1)?.request).toBe('24')
    expect(link?.uses.length).toBeLessThanOrEqual(10)
    expect(await activityOf(own, key.keyId)).toMatchObject({ calls30Days: 25n })
  })
})

describe('counters', () => {
  test('calls and refusals by day and operation, the last use, and the sums of the list', async () => {
    let now = new Date('2031-05-01T23:59:59.000Z')
    const { ctx, recorder, key } = await recording(w, { clock: () => now })
    await encrypt(ctx, key)
    await encrypt(ctx, key)
    now = new Date('2031-05-02T00:00:01.000Z')
    const { ciphertext } = await encrypt(ctx, key)
    await decryptData(ctx, { projectId: key.projectId, ciphertext })
    const lastUse = now
    await changeKeyState(w.ctx, { ...key, operation: 'disable' })
    now = new Date('2031-05-02T00:00:02.000Z')
    await expect(encrypt(ctx, key)).rejects.toEqual(code('keyDisabled'))
    await recorder.stop()
    const rows = await inTransaction(w.ctx, (tx) =>
      tx.sql.keyUse.findMany({
        where: { accountId: w.accountId, keyId: key.keyId },
        orderBy: [{ day: 'asc' }, { operation: 'asc' }],
      }),
    )
    expect(
      rows.map((row) => [row.day.toISOString().slice(0, 10), row.operation, row.calls, row.refused]),
    ).toEqual([
      ['2031-05-01', 'encryptData', 2n, 0n],
      ['2031-05-02', 'decryptData', 1n, 0n],
      ['2031-05-02', 'encryptData', 1n, 1n],
    ])
    expect(await activityOf(w, key.keyId)).toMatchObject({
      lastUsedAt: lastUse,
      calls30Days: 4n,
      refused30Days: 1n,
    })
  })

  test('a use moves no revision', async () => {
    const { ctx, recorder, key } = await recording(w)
    await encrypt(ctx, key)
    await recorder.stop()
    const row = await inTransaction(w.ctx, (tx) =>
      tx.sql.key.findUniqueOrThrow({ where: { accountId_id: { accountId: w.accountId, id: key.keyId } } }),
    )
    expect(row.revision).toBe(1)
  })

  test('refused callers are named, with their reason, number and last moment', async () => {
    let now = new Date('2031-05-02T10:00:00.000Z')
    const { ctx, recorder, key } = await recording(w, { clock: () => now })
    const service = {
      ...(await w.userWith(['KMS CMKFullAccess'])),
      uses: recorder,
      sourceAddress: '10.0.0.7',
    }
    const named = { ...service, actor: { ...service.actor, name: 'orders-service' } as KmsContext['actor'] }
    await changeKeyState(w.ctx, { ...key, operation: 'disable' })
    for (const minute of [1, 2, 3]) {
      now = new Date(`2031-05-02T10:0${minute}:00.000Z`)
      await expect(encrypt(named, key)).rejects.toEqual(code('keyDisabled'))
      if (minute === 1) await recorder.flush()
    }
    await changeKeyState(w.ctx, { ...key, operation: 'scheduleDeletion', pendingDays: 7 })
    now = new Date('2031-05-02T10:30:00.000Z')
    await expect(encrypt(ctx, key)).rejects.toEqual(code('keyPendingDeletion'))
    await recorder.stop()
    expect(await readRefusedCalls(w.ctx, key)).toEqual([
      {
        actorId: ctx.actor.id,
        actorName: 'Someone',
        operation: 'encryptData',
        reason: 'The key is pending deletion.',
        calls: 1,
        sourceAddress: '127.0.0.1',
        firstAt: '2031-05-02T10:30:00.000Z',
        lastAt: '2031-05-02T10:30:00.000Z',
      },
      {
        actorId: named.actor.id,
        actorName: 'orders-service',
        operation: 'encryptData',
        reason: 'The key is disabled.',
        calls: 3,
        sourceAddress: '10.0.0.7',
        firstAt: '2031-05-02T10:01:00.000Z',
        lastAt: '2031-05-02T10:03:00.000Z',
      },
    ])
    const stranger = await w.userWith([])
    await expect(readRefusedCalls(stranger, key)).rejects.toEqual(code('notPermitted'))
  })

  test('several processes count the same keys at once, and none of them is lost', async () => {
    await using own = await testWorld(inject('databaseUrl'), { connections: 20 })
    const keys = await Promise.all(Array.from({ length: 5 }, () => recording(own)))
    const recorders = Array.from(
      { length: 4 },
      () => new BatchedUseRecorder({ db: own.db, rootKey: own.rootKey, log: silent }),
    )
    await Promise.all(
      recorders.flatMap((uses) =>
        keys.flatMap(({ key }) => [1, 2, 3].map(() => encrypt({ ...own.ctx, uses }, key))),
      ),
    )
    await Promise.all(recorders.map((recorder) => recorder.stop()))
    for (const { key } of keys) expect(await activityOf(own, key.keyId)).toMatchObject({ calls30Days: 12n })
    expect(await usesOf(own)).toHaveLength(60)
    await expectSoundChain(own)
  })

  test('uses of a key that is gone meanwhile hold up nothing', async () => {
    const gone = await recording(w)
    const { key } = await recording(w)
    await encrypt(gone.ctx, gone.key)
    await encrypt({ ...w.ctx, uses: gone.recorder }, key)
    await inTransaction(w.ctx, (tx) =>
      tx.sql.key.delete({ where: { accountId_id: { accountId: w.accountId, id: gone.key.keyId } } }),
    )
    await gone.recorder.stop()
    expect(await activityOf(w, key.keyId)).toMatchObject({ calls30Days: 1n })
  })

  test('a day that falls out of the 30 is subtracted', async () => {
    await using database = await freshDatabase()
    await using own = await testWorld(database.connectionString)
    const today = Date.now()
    let now = new Date(today - 29 * dayMilliseconds)
    const { ctx, recorder, key } = await recording(own, { clock: () => now })
    await encrypt(ctx, key)
    now = new Date(today)
    await encrypt(ctx, key)
    await recorder.stop()
    const inDays = (days: number) => (clock: Date) => new Date(clock.getTime() + days * dayMilliseconds)
    expect(await countAnew(own.db)).toBeLessThanOrEqual(1)
    expect(await activityOf(own, key.keyId)).toMatchObject({ calls30Days: 2n })
    expect(await countAnew(own.db, inDays(1))).toBe(1)
    expect(await activityOf(own, key.keyId)).toMatchObject({ calls30Days: 1n })
    expect(await countAnew(own.db, inDays(1))).toBe(0)
    expect(await countAnew(own.db, inDays(30))).toBe(1)
    expect(await activityOf(own, key.keyId)).toMatchObject({ calls30Days: 0n })
    expect(await countAnew(own.db, inDays(31))).toBe(0)
  })
})

/** A database that answers nothing: nobody listens there. */
function openDatabaseAway() {
  const db = openDatabase('postgresql://nobody@127.0.0.1:9/nothing', {
    connections: 1,
    applicationName: 'keystead-test',
  })
  return { db, [Symbol.asyncDispose]: () => db.$disconnect() }
}

/** A database that can be exchanged under whoever holds it. */
function switching(first: TestWorld['db']): { proxy: TestWorld['db']; set: (db: TestWorld['db']) => void } {
  let current = first
  const proxy = new Proxy(first, { get: (_, name) => Reflect.get(current, name, current) })
  return {
    proxy,
    set: (db) => {
      current = db
    },
  }
}
