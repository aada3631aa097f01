import { randomUUID } from 'node:crypto'
import { describe, expect, inject, test } from 'vitest'
import { applyChange } from '../changes/apply-change.ts'
import { planChange } from '../changes/plan-change.ts'
import type { KmsContext } from '../context.ts'
import { createDefaultKey } from '../keys/create-default-key.ts'
import type { KeyOperation } from '../model/key-state.ts'
import type { GrantOperation } from '../model/key-use.ts'
import { decryptData } from '../operations/decrypt-data.ts'
import { encryptData } from '../operations/encrypt-data.ts'
import { principalOf } from '../operations/find-grant.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { inTransaction } from '../transaction.ts'
import { createGrant } from './create-grant.ts'
import { retireGrant, revokeGrant } from './end-grant.ts'
import { listGrants, listRetirableGrants } from './list-grants.ts'

const world = () => testWorld(inject('databaseUrl'))

const plaintext = Buffer.from('attack at dawn')

function grant(
  w: TestWorld,
  keyId: string,
  grantee: KmsContext,
  operations: GrantOperation[],
  by: KmsContext = w.ctx,
  retiringPrincipal: string | null = null,
): Promise<string> {
  return createGrant(by, {
    projectId: w.projectId,
    keyId,
    granteePrincipal: principalOf(grantee.actor.id),
    granteeType: 'user',
    operations,
    name: 'test',
    retiringPrincipal,
  })
}

const encrypt = (ctx: KmsContext, projectId: string, keyId: string) =>
  encryptData(ctx, { projectId, keyId, plaintext })

async function change(w: TestWorld, operation: KeyOperation, id: string): Promise<void> {
  const planned = await planChange(w.ctx, { projectId: w.projectId, operation, selection: { ids: [id] } })
  await applyChange(w.ctx, {
    changeId: planned.id,
    understood: true,
    pendingDays: '7',
    confirmation: 'DELETE',
  })
}

describe('a grant', () => {
  test('lets a user without any role do what it names, and nothing else', async () => {
    await using w = await world()
    const key = await w.makeKey()
    const guest = await w.userWith([])
    await expect(encrypt(guest, w.projectId, key.id)).rejects.toMatchObject({ code: 'notPermitted' })
    await grant(w, key.id, guest, ['encrypt-data'])
    const { ciphertext } = await encrypt(guest, w.projectId, key.id)
    await expect(decryptData(guest, { projectId: w.projectId, ciphertext })).rejects.toMatchObject({
      code: 'notPermitted',
    })
    const other = await w.makeKey()
    await expect(encrypt(guest, w.projectId, other.id)).rejects.toMatchObject({ code: 'notPermitted' })
  })

  test('reaches across accounts, to a user and to a whole account, and ends with its revocation', async () => {
    await using owner = await world()
    await using guest = await world()
    const key = await owner.makeKey()
    const { domainId } = await inTransaction(guest.ctx, (tx) =>
      tx.sql.account.findUniqueOrThrow({ where: { id: guest.accountId } }),
    )
    const id = await createGrant(owner.ctx, {
      projectId: owner.projectId,
      keyId: key.id,
      granteePrincipal: domainId,
      granteeType: 'domain',
      operations: ['encrypt-data', 'decrypt-data'],
      name: '',
      retiringPrincipal: null,
    })
    const { ciphertext } = await encrypt(guest.ctx, guest.projectId, key.id)
    const opened = await decryptData(guest.ctx, { projectId: guest.projectId, ciphertext })
    expect(Buffer.from(opened.plaintext)).toEqual(plaintext)
    await revokeGrant(owner.ctx, { projectId: owner.projectId, keyId: key.id, grantId: id })
    await expect(encrypt(guest.ctx, guest.projectId, key.id)).rejects.toMatchObject({ code: 'keyNotFound' })
  })

  test.for([
    ['disable', 'keyDisabled'],
    ['scheduleDeletion', 'keyPendingDeletion'],
  ] as const)('cannot be made, nor used, after %s', async ([operation, code]) => {
    await using w = await world()
    const key = await w.makeKey()
    const guest = await w.userWith([])
    await grant(w, key.id, guest, ['encrypt-data'])
    await change(w, operation, key.id)
    await expect(encrypt(guest, w.projectId, key.id)).rejects.toMatchObject({ code })
    await expect(grant(w, key.id, guest, ['decrypt-data'])).rejects.toMatchObject({ code })
  })

  test('is passed on within what the grantee holds, and outlives its own', async () => {
    await using w = await world()
    const key = await w.makeKey()
    const [first, second] = [await w.userWith([]), await w.userWith([])]
    const id = await grant(w, key.id, first, ['create-grant', 'encrypt-data', 'retire-grant'])
    await expect(grant(w, key.id, second, ['decrypt-data'], first)).rejects.toMatchObject({
      code: 'notPermitted',
    })
    await grant(w, key.id, second, ['encrypt-data'], first)
    await retireGrant(first, { projectId: w.projectId, keyId: key.id, grantId: id })
    await expect(encrypt(first, w.projectId, key.id)).rejects.toMatchObject({ code: 'notPermitted' })
    await expect(encrypt(second, w.projectId, key.id)).resolves.toBeDefined()
    await expect(grant(w, key.id, first, ['encrypt-data'], second)).rejects.toMatchObject({
      code: 'notPermitted',
    })
  })

  test('is refused for nobody, for create-grant alone, for a default key, for a reader, and beyond a hundred', async () => {
    await using w = await world()
    const key = await w.makeKey()
    const guest = await w.userWith([])
    await expect(grant(w, key.id, guest, ['create-grant'])).rejects.toMatchObject({
      code: 'grantOnlyCreateGrant',
    })
    const nobody = { ...guest, actor: { kind: 'user', id: randomUUID(), name: '' } } as const
    await expect(grant(w, key.id, nobody, ['encrypt-data'])).rejects.toMatchObject({ code: 'granteeInvalid' })
    const standard = await createDefaultKey(w.ctx, { projectId: w.projectId, service: 'obs' })
    await expect(grant(w, standard.id, guest, ['encrypt-data'])).rejects.toMatchObject({ code: 'defaultKey' })
    const reader = await w.userWith(['KMS CMKReadOnlyAccess'])
    await expect(grant(w, key.id, guest, ['encrypt-data'], reader)).rejects.toMatchObject({
      code: 'notPermitted',
    })
    for (let i = 0; i < 100; i++) await grant(w, key.id, guest, ['encrypt-data'])
    await expect(grant(w, key.id, guest, ['encrypt-data'])).rejects.toMatchObject({ code: 'grantsTooMany' })
    const page = await listGrants(w.ctx, { projectId: w.projectId, keyId: key.id, limit: 60, marker: 0 })
    expect(page).toMatchObject({ total: 100, nextMarker: '60' })
    const last = await listGrants(w.ctx, { projectId: w.projectId, keyId: key.id, limit: 60, marker: 60 })
    expect(last.grants).toHaveLength(40)
    expect(last.nextMarker).toBe('')
  })

  test('is retired by its retiring principal, who sees it listed, and by no stranger', async () => {
    await using w = await world()
    const key = await w.makeKey()
    const [guest, retiring, stranger] = [
      await w.userWith([]),
      await w.userWith(['KMS CMKReadOnlyAccess']),
      await w.userWith([]),
    ]
    const id = await grant(w, key.id, guest, ['encrypt-data'], w.ctx, principalOf(retiring.actor.id))
    const grantOfKey = { projectId: w.projectId, keyId: key.id, grantId: id }
    await expect(retireGrant(stranger, grantOfKey)).rejects.toMatchObject({ code: 'grantNotFound' })
    await expect(retireGrant(guest, grantOfKey)).rejects.toMatchObject({ code: 'grantNotFound' })
    const other = await w.makeKey()
    await expect(retireGrant(retiring, { ...grantOfKey, keyId: other.id })).rejects.toMatchObject({
      code: 'grantOfOtherKey',
    })
    const listed = await listRetirableGrants(retiring, { projectId: w.projectId, limit: 10, marker: 0 })
    expect(listed.grants).toMatchObject([{ grantId: id }])
    await retireGrant(retiring, grantOfKey)
    await expect(retireGrant(retiring, grantOfKey)).rejects.toMatchObject({ code: 'grantNotFound' })
  })

  test('is passed on, and retired by who issued it and by whom it names for that, of whatever account', async () => {
    await using owner = await world()
    await using second = await world()
    await using third = await world()
    const { id: keyId } = await owner.makeKey()
    await grant(owner, keyId, second.ctx, ['create-grant', 'encrypt-data'])
    const passedOn = await grant(second, keyId, third.ctx, ['encrypt-data'])
    await encrypt(third.ctx, third.projectId, keyId)
    await retireGrant(second.ctx, { projectId: second.projectId, keyId, grantId: passedOn })
    await expect(encrypt(third.ctx, third.projectId, keyId)).rejects.toMatchObject({ code: 'keyNotFound' })
    const retiring = principalOf(third.ctx.actor.id)
    const grantId = await grant(owner, keyId, second.ctx, ['encrypt-data'], owner.ctx, retiring)
    const list = { projectId: third.projectId, limit: 10, marker: 0 }
    expect((await listRetirableGrants(third.ctx, list)).grants).toMatchObject([{ grantId }])
    await retireGrant(third.ctx, { projectId: third.projectId, keyId, grantId })
    expect((await listRetirableGrants(third.ctx, list)).total).toBe(0)
    await expect(grant(second, randomUUID(), third.ctx, ['encrypt-data'])).rejects.toMatchObject({
      code: 'keyNotFound',
    })
  })

  test('of a suspended user gives nothing', async () => {
    await using w = await world()
    const key = await w.makeKey()
    const guest = await w.userWith([])
    await grant(w, key.id, guest, ['encrypt-data'])
    await inTransaction(w.ctx, (tx) =>
      tx.sql.user.update({ where: { id: guest.actor.id }, data: { status: 'suspended' } }),
    )
    await expect(encrypt(guest, w.projectId, key.id)).rejects.toMatchObject({ code: 'notPermitted' })
  })
})
