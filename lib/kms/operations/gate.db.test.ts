import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { KmsContext } from '../context.ts'
import type { ErrorCode } from '../model/errors.ts'
import { dayMilliseconds } from '../model/limits.ts'
import type { Role } from '../model/permissions.ts'
import { everyUse, type KeyUseName, keyUseNames, type ReadyUse } from '../testing/every-use.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { inSystemTransaction, inTransaction } from '../transaction.ts'
import type { UseOfKey } from '../usage/record-use.ts'
import { generateRandom } from './generate-random.ts'

let w: TestWorld
let stranger: TestWorld
let uses: Record<KeyUseName, ReadyUse>

beforeAll(async () => {
  w = await testWorld(inject('databaseUrl'), { keyQuota: 1_000 })
  stranger = await testWorld(inject('databaseUrl'))
  uses = await everyUse(w)
})

afterAll(async () => {
  await w[Symbol.asyncDispose]()
  await stranger[Symbol.asyncDispose]()
})

/** 'done', or the code of the refusal. */
const outcome = (run: Promise<unknown>): Promise<'done' | ErrorCode> =>
  run.then(
    () => 'done' as const,
    (error) => {
      if (error.code === undefined) throw error
      return error.code
    },
  )

const outcomes = async (ctx: KmsContext, projectId: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    await Promise.all(
      keyUseNames.map(async (name) => [name, await outcome(uses[name].run(ctx, projectId))] as const),
    ),
  )

const all = (answer: (use: ReadyUse) => string): Record<string, string> =>
  Object.fromEntries(keyUseNames.map((name) => [name, answer(uses[name])]))

/** What someone may not know of: "no such key", and for a ciphertext the same as for any that does not open. */
const unknown = (): Record<string, string> =>
  all((use) => (use.byCiphertext ? 'ciphertextInvalid' : 'keyNotFound'))

/** The same when the partner of a re-encryption is unknown too: its ciphertext is looked at first. */
const allUnknown = (): Record<string, string> => ({
  ...unknown(),
  reEncryptTo: 'ciphertextInvalid',
  reEncryptDataKeyTo: 'ciphertextInvalid',
})

async function setState(state: string, deletionAt: Date | null = null): Promise<void> {
  const ids = [...new Set(keyUseNames.map((name) => uses[name].keyId))]
  await inTransaction(
    w.ctx,
    (tx) =>
      tx.sql.key.updateMany({
        where: { accountId: w.accountId, id: { in: ids } },
        data: { state, deletionAt },
      }),
    { write: true },
  )
}

describe('each use in each state', () => {
  const later = new Date(Date.now() + 9 * dayMilliseconds)
  const earlier = new Date(Date.now() - 1_000)

  test.each([
    ['Enabled', '2', null, 'done'],
    ['Disabled', '3', null, 'keyDisabled'],
    ['Pending deletion', '4', later, 'keyPendingDeletion'],
    ['Pending import', '5', null, 'keyPendingImport'],
  ] as const)('%s', async (_name, state, deletionAt, answer) => {
    await setState(state, deletionAt)
    expect(await outcomes(w.ctx, w.projectId)).toEqual(all(() => answer))
    await setState('2')
  })

  test('due for deletion: no such key, whether it is destroyed already or not', async () => {
    await setState('4', earlier)
    expect(await outcomes(w.ctx, w.projectId)).toEqual(unknown())
    await setState('2')
  })

  test('Enabled, but the material has expired a moment ago', async () => {
    const expiring = (expiresAt: Date | null) =>
      inTransaction(
        w.ctx,
        (tx) => tx.sql.materialVersion.updateMany({ where: { accountId: w.accountId }, data: { expiresAt } }),
        { write: true },
      )
    await expiring(earlier)
    expect(await outcomes(w.ctx, w.projectId)).toEqual(all(() => 'keyPendingImport'))
    await expiring(later)
    expect(await outcomes(w.ctx, w.projectId)).toEqual(all(() => 'done'))
    await expiring(null)
  })
})

describe('each use by each role', () => {
  test.each<[Role[], 'own' | 'other', 'done' | 'notPermitted']>([
    [['KMS Administrator'], 'own', 'done'],
    [['KMS CMKFullAccess'], 'own', 'done'],
    [['KMS CMKReadOnlyAccess'], 'own', 'notPermitted'],
    [[], 'own', 'notPermitted'],
    [['KMS Administrator'], 'other', 'notPermitted'],
    [['KMS CMKReadOnlyAccess', 'KMS CMKFullAccess'], 'own', 'done'],
  ])('%j in its %s project: %s', async (roles, project, answer) => {
    const ctx = await w.userWith(roles, project === 'own' ? w.projectId : w.otherProjectId)
    expect(await outcomes(ctx, w.projectId)).toEqual(all(() => answer))
    expect(await outcome(generateRandom(ctx, { projectId: w.projectId, length: 64 }))).toBe(answer)
  })

  test('the right comes before the state', async () => {
    const ctx = await w.userWith(['KMS CMKReadOnlyAccess'])
    await setState('3')
    expect(await outcomes(ctx, w.projectId)).toEqual(all(() => 'notPermitted'))
    await setState('2')
  })

  test('a suspended user', async () => {
    const ctx = await w.userWith(['KMS Administrator'])
    await suspend(ctx)
    expect(await outcomes(ctx, w.projectId)).toEqual(all(() => 'notPermitted'))
  })

  test('an unknown user', async () => {
    const ctx: KmsContext = { ...w.ctx, actor: { kind: 'user', id: randomUUID(), name: 'Nobody' } }
    expect(await outcomes(ctx, w.projectId)).toEqual(all(() => 'notPermitted'))
  })
})

async function suspend(ctx: KmsContext): Promise<void> {
  await inSystemTransaction(w.db, 'administration', (sql) =>
    sql.user.updateMany({ where: { id: ctx.actor.id }, data: { status: 'suspended' } }),
  )
}

test('through another project of the account there is no such key', async () => {
  expect(await outcomes(w.ctx, w.otherProjectId)).toEqual(allUnknown())
})

test('for another account there is no such key, in its project and in ours', async () => {
  expect(await outcomes(stranger.ctx, stranger.projectId)).toEqual(allUnknown())
  expect(await outcomes(stranger.ctx, w.projectId)).toEqual(allUnknown())
})

const granteeIs = {
  user: (ctx: KmsContext) => ctx.actor.id.replaceAll('-', ''),
  domain: async (ctx: KmsContext) =>
    inSystemTransaction(
      w.db,
      'administration',
      async (sql) => (await sql.account.findUniqueOrThrow({ where: { id: ctx.accountId } })).domainId,
    ),
}

async function grant(
  to: KmsContext,
  granted: string[],
  { keyId = uses.encryptData.keyId, type = 'user' as 'user' | 'domain' } = {},
): Promise<string> {
  const id = randomUUID().replaceAll('-', '').repeat(2)
  const principal = await granteeIs[type](to)
  await inTransaction(
    w.ctx,
    (tx) =>
      tx.sql.keyGrant.create({
        data: {
          accountId: w.accountId,
          id,
          keyId,
          granteeType: type,
          granteePrincipal: principal,
          granteeAccountId: to.accountId,
          issuingPrincipal: granteeIs.user(w.ctx),
          operations: granted,
          createdAt: tx.now,
        },
      }),
    { write: true },
  )
  return id
}

const revoke = (): Promise<unknown> =>
  inTransaction(w.ctx, (tx) => tx.sql.keyGrant.deleteMany({ where: { accountId: w.accountId } }), {
    write: true,
  })

describe('grants', () => {
  const operations = [
    'create-datakey',
    'create-datakey-without-plaintext',
    'encrypt-datakey',
    'decrypt-datakey',
    'describe-key',
    'create-grant',
    'retire-grant',
    'encrypt-data',
    'decrypt-data',
  ]

  /** What a grant of everything still does not allow: no operation of a grant stands for these. */
  const neverGranted: readonly string[] = [
    'createDataKeyPair',
    'sign',
    'verify',
    'getPublicKey',
    'generateMac',
    'verifyMac',
  ] satisfies KeyUseName[]

  const partnerKeyId = async (): Promise<string> => {
    const { keyId } = (await uses.reEncryptFrom.run(w.ctx, w.projectId)) as { keyId: string }
    return keyId
  }

  const allowedBy: Record<string, KeyUseName[]> = {
    'create-datakey': ['createDataKey'],
    'create-datakey-without-plaintext': ['createDataKeyWithoutPlaintext'],
    'encrypt-datakey': ['encryptDataKey'],
    'decrypt-datakey': ['decryptDataKey', 'decryptPrivateKey'],
    'encrypt-data': ['encryptData'],
    'decrypt-data': ['decryptData'],
  }

  describe.each(['own', 'other'] as const)('to a user without roles in the %s account', (account) => {
    const home = (): TestWorld => (account === 'own' ? w : stranger)
    const grantee = (): Promise<KmsContext> => home().userWith([])

    test.each(operations)('%s allows its operation and no other', async (operation) => {
      const ctx = await grantee()
      await grant(ctx, [operation])
      const allowed: readonly string[] = allowedBy[operation] ?? []
      expect(await outcomes(ctx, home().projectId)).toEqual(
        Object.fromEntries(
          keyUseNames.map((name) => [name, allowed.includes(name) ? 'done' : 'notPermitted']),
        ),
      )
      await revoke()
    })

    test('everything, with both keys of a re-encryption: all that grants can carry', async () => {
      const ctx = await grantee()
      await grant(ctx, operations)
      await grant(ctx, operations, { keyId: await partnerKeyId() })
      expect(await outcomes(ctx, home().projectId)).toEqual(
        Object.fromEntries(
          keyUseNames.map((name) => [name, neverGranted.includes(name) ? 'notPermitted' : 'done']),
        ),
      )
      await revoke()
    })

    test('re-encrypting needs the decrypting of one key and the encrypting of the other', async () => {
      const ctx = await grantee()
      await grant(ctx, ['decrypt-data', 'decrypt-datakey'])
      await grant(ctx, ['encrypt-data'], { keyId: await partnerKeyId() })
      const answers = await outcomes(ctx, home().projectId)
      expect(answers).toMatchObject({
        reEncryptFrom: 'done',
        reEncryptTo: 'notPermitted',
        reEncryptDataKeyFrom: 'notPermitted',
        reEncryptDataKeyTo: 'notPermitted',
      })
      await revoke()
    })

    test('to the account: each of its active users, nobody else', async () => {
      const ctx = await grantee()
      await grant(ctx, ['encrypt-data'], { type: 'domain' })
      expect(await outcome(uses.encryptData.run(ctx, home().projectId))).toBe('done')
      const colleague = await grantee()
      expect(await outcome(uses.encryptData.run(colleague, home().projectId))).toBe('done')
      const other = account === 'own' ? stranger : w
      const outsider = await other.userWith([])
      expect(await outcome(uses.encryptData.run(outsider, other.projectId))).toBe('notPermitted')
      await suspend(colleague)
      expect(await outcome(uses.encryptData.run(colleague, home().projectId))).toBe('notPermitted')
      await revoke()
    })

    test('a grant to someone else, one that is revoked, and one of a suspended user do nothing', async () => {
      const ctx = await grantee()
      await grant(await grantee(), operations)
      expect(await outcome(uses.encryptData.run(ctx, home().projectId))).toBe('notPermitted')
      await grant(ctx, operations)
      expect(await outcome(uses.encryptData.run(ctx, home().projectId))).toBe('done')
      await suspend(ctx)
      expect(await outcome(uses.encryptData.run(ctx, home().projectId))).toBe('notPermitted')
      const another = await grantee()
      await grant(another, operations)
      await revoke()
      expect(await outcome(uses.encryptData.run(another, home().projectId))).toBe('notPermitted')
    })

    test('the state of the key binds the grantee', async () => {
      const ctx = await grantee()
      await grant(ctx, operations)
      await setState('3')
      expect(await outcome(uses.encryptData.run(ctx, home().projectId))).toBe('keyDisabled')
      expect(await outcome(uses.decryptData.run(ctx, home().projectId))).toBe('keyDisabled')
      await setState('4', new Date(Date.now() - 1_000))
      expect(await outcome(uses.encryptData.run(ctx, home().projectId))).toBe('notPermitted')
      await setState('2')
      await revoke()
    })
  })

  test('an administrator of another account gets what is granted and otherwise sees no such key', async () => {
    await grant(stranger.ctx, ['decrypt-data'])
    expect(await outcomes(stranger.ctx, stranger.projectId)).toEqual({
      ...allUnknown(),
      decryptData: 'done',
      reEncryptFrom: 'keyNotFound',
    })
    await revoke()
  })
})

describe('what is recorded', () => {
  const recording = (): { ctx: KmsContext; seen: UseOfKey[] } => {
    const seen: UseOfKey[] = []
    return { ctx: { ...w.ctx, uses: { add: (_ctx, use) => void seen.push(use) } }, seen }
  }

  test('each use once, of the key it used', async () => {
    for (const name of keyUseNames) {
      const { ctx, seen } = recording()
      await uses[name].run(ctx, w.projectId)
      const mine = seen.filter(({ key }) => key?.id === uses[name].keyId)
      expect(mine.map(({ use, refused }) => ({ use, refused }))).toEqual([
        { use: uses[name].use, refused: null },
      ])
      expect(seen).toHaveLength(name.startsWith('reEncrypt') ? 2 : 1)
    }
  })

  test('a refusal, with the key it is about', async () => {
    await setState('3')
    for (const name of keyUseNames) {
      const { ctx, seen } = recording()
      await outcome(uses[name].run(ctx, w.projectId))
      expect(seen).toMatchObject([
        { use: uses[name].use, refused: 'keyDisabled', key: { id: uses[name].keyId } },
      ])
    }
    await setState('2')
  })

  test('a refusal before the key is known, and a random number, of no key', async () => {
    const { ctx, seen } = recording()
    await outcome(uses.encryptData.run(ctx, w.otherProjectId))
    await generateRandom(ctx, { projectId: w.projectId, length: 8 })
    expect(seen).toEqual([
      { use: 'encryptData', refused: 'keyNotFound', key: null, accountId: w.accountId },
      { use: 'generateRandom', refused: null, key: null, accountId: w.accountId },
    ])
  })

  test('a use under a grant, in the account of the key', async () => {
    const { seen, ctx } = recording()
    const grantee = { ...(await stranger.userWith([])), ...(ctx.uses ? { uses: ctx.uses } : {}) }
    await grant(grantee, ['encrypt-data'])
    await uses.encryptData.run(grantee, stranger.projectId)
    expect(seen).toMatchObject([{ use: 'encryptData', refused: null, accountId: w.accountId }])
    await revoke()
  })
})
