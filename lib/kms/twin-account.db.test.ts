import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { addUser } from './access/add-user.ts'
import { changeRoles } from './access/change-roles.ts'
import { listUsers } from './access/list-users.ts'
import { makeLink } from './access/make-link.ts'
import { readShell } from './access/read-shell.ts'
import { resumeUser } from './access/resume-user.ts'
import { suspendUser } from './access/suspend-user.ts'
import { createAlias } from './aliases/create-alias.ts'
import { applyChange } from './changes/apply-change.ts'
import { planChange } from './changes/plan-change.ts'
import { readChange } from './changes/read-change.ts'
import { retryChange } from './changes/retry-change.ts'
import { stopChange } from './changes/stop-change.ts'
import { undoChange } from './changes/undo-change.ts'
import { createEnterpriseProject } from './enterprise-projects/create-enterprise-project.ts'
import { listGrants } from './grants/list-grants.ts'
import { changeKeyState } from './keys/change-key-state.ts'
import { countStates } from './keys/count-states.ts'
import { createDefaultKey } from './keys/create-default-key.ts'
import { createKey } from './keys/create-key.ts'
import { describeKey } from './keys/describe-key.ts'
import { listKeys } from './keys/list-keys.ts'
import { openCreateForm } from './keys/open-create-form.ts'
import { renameKey } from './keys/rename-key.ts'
import { deleteMaterial } from './material/delete-material.ts'
import { importMaterial } from './material/import-material.ts'
import { openImport } from './material/open-import.ts'
import { KmsError } from './model/errors.ts'
import { keyListInput } from './model/inputs/key-filter.ts'
import { keyOperations } from './model/key-state.ts'
import { encryptData } from './operations/encrypt-data.ts'
import { listRegions } from './projects/list-regions.ts'
import { disableRotation } from './rotation/disable-rotation.ts'
import { enableRotation } from './rotation/enable-rotation.ts'
import { readRotationStatus } from './rotation/read-rotation-status.ts'
import { rotateKey } from './rotation/rotate-key.ts'
import { rotateOnDemand } from './rotation/rotate-on-demand.ts'
import { updateRotationInterval } from './rotation/update-rotation-interval.ts'
import { setTags } from './tags/change-tags.ts'
import { readTags } from './tags/read-tags.ts'
import { type FullAccount, fullAccount } from './testing/full-account.ts'
import { type Superuser, superuser } from './testing/superuser.ts'
import { dumpAccount } from './testing/tables.ts'
import { keyInput } from './testing/test-world.ts'
import { readRefusedCalls } from './usage/read-refused-calls.ts'

let dataDir: string
let database: FreshDatabase
let root: Superuser
let own: FullAccount
/** Holds the same names, tags and states as `own`, and is forged into everything that `own` does. */
let twin: FullAccount
let before: Record<string, string[]>
/** Every id of the twin, which nothing of `own` may ever show. */
let twinIds: string[]

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'keystead-twin-'))
  database = await freshDatabase()
  root = await superuser(database.connectionString, inject('superuserDatabaseUrl'))
  own = await fullAccount(database.connectionString, dataDir)
  twin = await fullAccount(database.connectionString, dataDir)
  before = await dumpAccount(root, twin.accountId)
  const ids = (dump: Record<string, string[]>): Set<string> =>
    new Set(JSON.stringify(dump).match(/\b([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})\b/g))
  const ownIds = ids(await dumpAccount(root, own.accountId))
  twinIds = [...ids(before)].filter((id) => !ownIds.has(id))
})

afterAll(async () => {
  await own[Symbol.asyncDispose]()
  await twin[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true })
})

const confirmed = { understood: true, pendingDays: '7', confirmation: 'DELETE' }

/** What a caller sees of an answer or a refusal, with the id that was asked for written as `?`. */
async function seen(run: () => Promise<unknown>, ...asked: string[]): Promise<string> {
  let answer: unknown
  try {
    answer = await run()
  } catch (error) {
    if (!(error instanceof KmsError)) throw error
    answer = { code: error.code, message: error.message, field: error.field, values: error.values }
  }
  const text = JSON.stringify(answer) ?? 'nothing'
  return asked.reduce((left, id) => left.replaceAll(id.toLowerCase(), '?').replaceAll(id, '?'), text)
}

const idsIn = (text: string): string[] => twinIds.filter((id) => text.includes(id))

/** A forged id must look like one that does not exist anywhere, to the letter. */
async function looksUnknown(
  call: (id: string) => Promise<unknown>,
  forged: string,
  unknown: string,
): Promise<void> {
  const answer = await seen(() => call(forged), forged)
  expect(withoutMoments(answer)).toBe(withoutMoments(await seen(() => call(unknown), unknown)))
  expect(idsIn(answer)).toEqual([])
}

/** Two calls differ in their own new ids and moments. */
const withoutMoments = (text: string): string =>
  text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<moment>')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')

const inOwn = (keyId: string) => ({ projectId: own.projectId, keyId })

const list = (projectId: string, more: object = {}) =>
  keyListInput.parse({ projectId, pageSize: 100, ...more })

test('the twin holds the same data', async () => {
  expect(Object.values(before).flat().length).toBeGreaterThan(80)
  expect(twinIds.length).toBeGreaterThan(40)
  const names = async (account: FullAccount) =>
    (await listKeys(account.ctx, list(account.projectId, { sort: 'name' }))).keys.map((key) => [
      key.name,
      key.state,
    ])
  expect(await names(own)).toEqual(await names(twin))
})

describe("a key id of the twin's", () => {
  const kinds = [
    'enabled',
    'disabled',
    'pendingDeletion',
    'pendingImport',
    'emptyPendingDeletion',
    'default',
  ] as const

  test.for(keyOperations)('%s: is not found, whatever state it is in', async (operation) => {
    for (const kind of kinds) {
      for (const forged of [twin.keys[kind].id, twin.keys[kind].id.toUpperCase()]) {
        await looksUnknown(
          async (id) => {
            const planned = await planChange(own.ctx, {
              projectId: own.projectId,
              operation,
              selection: { ids: [id] },
            })
            return applyChange(own.ctx, { changeId: planned.id, ...confirmed })
          },
          forged,
          randomUUID(),
        )
      }
    }
  })

  const calls: Record<string, (keyId: string) => Promise<unknown>> = {
    describe: (keyId) => describeKey(own.ctx, inOwn(keyId)),
    rename: (keyId) => renameKey(own.ctx, { ...inOwn(keyId), name: 'forged' }),
    'change its state': (keyId) => changeKeyState(own.ctx, { ...inOwn(keyId), operation: 'disable' }),
    encrypt: (keyId) => encryptData(own.ctx, { ...inOwn(keyId), plaintext: randomBytes(8) }),
    'create an alias': (keyId) => createAlias(own.ctx, { ...inOwn(keyId), alias: 'alias/forged' }),
    'read tags': (keyId) => readTags(own.ctx, inOwn(keyId)),
    'set tags': (keyId) => setTags(own.ctx, { ...inOwn(keyId), tags: [{ key: 'forged', value: '' }] }),
    'list grants': (keyId) => listGrants(own.ctx, { ...inOwn(keyId), limit: 10, marker: 0 }),
    'open an import': (keyId) =>
      openImport(own.ctx, { ...inOwn(keyId), wrappingAlgorithm: 'RSAES_OAEP_SHA_256' }),
    'import material': (keyId) =>
      importMaterial(own.ctx, {
        ...inOwn(keyId),
        importToken: randomBytes(194),
        wrappedMaterial: randomBytes(256),
      }),
    'delete material': (keyId) => deleteMaterial(own.ctx, inOwn(keyId)),
    'enable rotation': (keyId) => enableRotation(own.ctx, inOwn(keyId)),
    'disable rotation': (keyId) => disableRotation(own.ctx, inOwn(keyId)),
    'update the interval': (keyId) => updateRotationInterval(own.ctx, { ...inOwn(keyId), intervalDays: 30 }),
    'read the rotation status': (keyId) => readRotationStatus(own.ctx, inOwn(keyId)),
    rotate: (keyId) => rotateKey(own.ctx, inOwn(keyId)),
    'rotate on demand': (keyId) => rotateOnDemand(own.ctx, inOwn(keyId)),
    'read refused calls': (keyId) => readRefusedCalls(own.ctx, inOwn(keyId)),
  }

  test.for(Object.keys(calls))('%s: is not found, whatever state it is in', async (call) => {
    for (const kind of kinds) {
      await looksUnknown(calls[call] as (id: string) => Promise<unknown>, twin.keys[kind].id, randomUUID())
    }
  })

  test('among keys of its own changes only these', async () => {
    const key = await own.makeKey({ name: 'beside' })
    const planned = await planChange(own.ctx, {
      projectId: own.projectId,
      operation: 'disable',
      selection: { ids: [twin.keys.enabled.id, key.id, twin.destroyedKeyId] },
    })
    const done = await applyChange(own.ctx, { changeId: planned.id, ...confirmed })
    expect(done.items.map((item) => item.reasonCode)).toEqual(['keyNotFound', null, 'keyNotFound'])
    expect(done.counts.done).toBe(1)
  })

  test('as a filter finds nothing', async () => {
    for (const filter of [{ id: [twin.keys.enabled.id] }, { text: [twin.keys.enabled.id.slice(0, 13)] }]) {
      expect((await listKeys(own.ctx, list(own.projectId, filter))).keys).toEqual([])
      expect(await countStates(own.ctx, list(own.projectId, filter))).toEqual({
        '2': 0,
        '3': 0,
        '4': 0,
        '5': 0,
      })
    }
  })
})

describe("a change of the twin's", () => {
  const kinds = ['planned', 'done', 'stopped', 'running'] as const
  const calls = {
    apply: (changeId: string) => applyChange(own.ctx, { changeId, ...confirmed }),
    read: (changeId: string) => readChange(own.ctx, { changeId }),
    retry: (changeId: string) => retryChange(own.ctx, { changeId }),
    undo: (changeId: string) => undoChange(own.ctx, { changeId }),
    stop: (changeId: string) => stopChange(own.ctx, { changeId }),
  }

  test.for(Object.keys(calls) as (keyof typeof calls)[])('%s: is not found', async (call) => {
    for (const kind of kinds) {
      await looksUnknown(calls[call], twin.changes[kind], randomUUID())
      await expect(calls[call](twin.changes[kind])).rejects.toMatchObject({ code: 'changeNotFound' })
    }
  })
})

describe("a project of the twin's", () => {
  const calls: Record<string, (projectId: string) => Promise<unknown>> = {
    'create a key': (projectId) => createKey(own.ctx, keyInput(projectId, { name: 'forged' })),
    'create an external key': (projectId) =>
      createKey(own.ctx, keyInput(projectId, { name: 'forged', origin: 'external' })),
    'create a default key': (projectId) => createDefaultKey(own.ctx, { projectId, service: 'obs' }),
    'open the form': (projectId) => openCreateForm(own.ctx, { projectId }),
    'list keys': (projectId) => listKeys(own.ctx, list(projectId)),
    'list keys by a text': (projectId) => listKeys(own.ctx, list(projectId, { text: ['enabled'] })),
    'list default keys': (projectId) => listKeys(own.ctx, list(projectId, { defaultKeys: true })),
    'count states': (projectId) => countStates(own.ctx, list(projectId)),
    'plan by ids': (projectId) =>
      planChange(own.ctx, { projectId, operation: 'disable', selection: { ids: [twin.keys.enabled.id] } }),
    'plan by a filter': (projectId) =>
      planChange(own.ctx, { projectId, operation: 'disable', selection: { filter: list(projectId) } }),
    'add a user': (projectId) =>
      addUser(own.ctx, {
        email: `${randomUUID()}@example.test`,
        roles: [{ role: 'KMS Administrator', projectId }],
      }),
    'change roles': (projectId) =>
      changeRoles(own.ctx, { userId: own.userId, roles: [{ role: 'KMS Administrator', projectId }] }),
  }

  test.for(Object.keys(calls))('%s: is not found', async (call) => {
    for (const forged of [twin.projectId, twin.otherProjectId]) {
      await looksUnknown(
        calls[call] as (id: string) => Promise<unknown>,
        forged,
        randomBytes(16).toString('hex'),
      )
    }
  })

  test("inside the filter of a plan is overruled by the project of one's own", async () => {
    const planned = await planChange(own.ctx, {
      projectId: own.projectId,
      operation: 'disable',
      selection: { filter: list(twin.projectId) },
    })
    expect(planned.projectId).toBe(own.projectId)
    expect(idsIn(JSON.stringify(planned))).toEqual([])
  })
})

describe("an enterprise project of the twin's", () => {
  test('is not found for a new key', async () => {
    await looksUnknown(
      (enterpriseProjectId) =>
        createKey(own.ctx, keyInput(own.projectId, { name: 'forged', enterpriseProjectId })),
      twin.enterpriseProjectId,
      randomUUID(),
    )
  })

  test('as a filter finds nothing', async () => {
    const filter = list(own.projectId, { enterpriseProject: [twin.enterpriseProjectId] })
    expect((await listKeys(own.ctx, filter)).keys).toEqual([])
    await expect(
      planChange(own.ctx, { projectId: own.projectId, operation: 'disable', selection: { filter } }),
    ).rejects.toMatchObject({ code: 'selectionEmpty' })
  })
})

describe("a user of the twin's", () => {
  const calls: Record<string, (userId: string) => Promise<unknown>> = {
    'change roles': (userId) => changeRoles(own.ctx, { userId, roles: [] }),
    suspend: (userId) => suspendUser(own.ctx, { userId }),
    resume: (userId) => resumeUser(own.ctx, { userId }),
    'make a link': (userId) => makeLink(own.ctx, { userId }),
  }

  test.for(Object.keys(calls))('%s: is not found', async (call) => {
    for (const forged of [twin.userId, twin.ctx.actor.id]) {
      await looksUnknown(calls[call] as (id: string) => Promise<unknown>, forged, randomUUID())
    }
  })

  test('has no right here, even if the context names it', async () => {
    const ctx = { ...own.ctx, actor: twin.ctx.actor }
    await expect(listKeys(ctx, list(own.projectId))).rejects.toMatchObject({ code: 'notPermitted' })
    await expect(createKey(ctx, keyInput(own.projectId))).rejects.toMatchObject({ code: 'notPermitted' })
    await expect(
      planChange(ctx, {
        projectId: own.projectId,
        operation: 'disable',
        selection: { ids: [own.keys.enabled.id] },
      }),
    ).rejects.toMatchObject({ code: 'notPermitted' })
  })
})

test("an idempotency key of the twin's is one nobody has used", async () => {
  const idempotencyKey = randomUUID()
  const input = keyInput(twin.projectId, { name: 'once', idempotencyKey, origin: 'external' })
  await createKey(twin.ctx, input)
  before = await dumpAccount(root, twin.accountId)
  const key = await createKey(own.ctx, { ...input, projectId: own.projectId })
  expect(key.projectId).toBe(own.projectId)
})

test('whatever is read shows nothing of the twin', async () => {
  const answers = [
    await listKeys(own.ctx, list(own.projectId)),
    await listKeys(own.ctx, list(own.projectId, { text: ['e'] })),
    await listKeys(own.ctx, list(own.projectId, { tag: [{ key: 'env', value: 'prod' }] })),
    await listKeys(own.ctx, list(own.projectId, { defaultKeys: true })),
    await listKeys(own.ctx, list(own.otherProjectId)),
    await openCreateForm(own.ctx, { projectId: own.projectId }),
    await listUsers(own.ctx),
    await listRegions(own.ctx),
    await readShell(own.ctx),
  ]
  expect(idsIn(JSON.stringify(answers))).toEqual([])
})

test('whatever is done to everything of its own leaves the twin alone', async () => {
  await expect(createEnterpriseProject(own.ctx, { name: 'Payments' })).rejects.toMatchObject({
    code: 'invalidInput',
  })
  await createDefaultKey(own.ctx, { projectId: own.projectId, service: 'evs' })
  for (const operation of ['enable', 'disable', 'scheduleDeletion', 'cancelDeletion'] as const) {
    const planned = await planChange(own.ctx, {
      projectId: own.projectId,
      operation,
      selection: { filter: list(own.projectId) },
    })
    const done = await applyChange(own.ctx, { changeId: planned.id, ...confirmed })
    expect(done.counts.done).toBeGreaterThan(0)
    expect(idsIn(JSON.stringify(done))).toEqual([])
  }
  await suspendUser(own.ctx, { userId: own.userId })
  await resumeUser(own.ctx, { userId: own.userId })
  await stopChange(own.ctx, { changeId: own.changes.running })
})

test('the twin is as it was, byte for byte', async () => {
  expect(await dumpAccount(root, twin.accountId)).toEqual(before)
})
