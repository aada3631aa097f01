import { randomBytes, randomUUID } from 'node:crypto'
import { addUser } from '../access/add-user.ts'
import { storeAccessKey } from '../access/create-administrator.ts'
import { makeLink } from '../access/make-link.ts'
import { useLink as setPassword } from '../access/use-link.ts'
import { createAlias } from '../aliases/create-alias.ts'
import { applyChange } from '../changes/apply-change.ts'
import { planChange } from '../changes/plan-change.ts'
import { createEnterpriseProject } from '../enterprise-projects/create-enterprise-project.ts'
import { createGrant } from '../grants/create-grant.ts'
import { createDefaultKey } from '../keys/create-default-key.ts'
import { createKey } from '../keys/create-key.ts'
import { destroyDueKeys } from '../keys/destroy-due-keys.ts'
import { openImport } from '../material/open-import.ts'
import type { KeyOperation } from '../model/key-state.ts'
import { dayMilliseconds } from '../model/limits.ts'
import type { KeyView } from '../model/views.ts'
import { encryptData } from '../operations/encrypt-data.ts'
import { principalOf } from '../operations/find-grant.ts'
import { enableRotation } from '../rotation/enable-rotation.ts'
import { inSystemTransaction, inTransaction } from '../transaction.ts'
import { BatchedUseRecorder } from '../usage/use-recorder.ts'
import { keyInput, type TestWorld, testWorld } from './test-world.ts'

/** An account that has something of everything, in every state. */
export type FullAccount = TestWorld & {
  keys: Record<
    'enabled' | 'disabled' | 'pendingDeletion' | 'pendingImport' | 'emptyPendingDeletion' | 'default',
    KeyView
  >
  /** A key that is destroyed. */
  destroyedKeyId: string
  enterpriseProjectId: string
  /** Changes by what became of them. */
  changes: Record<'planned' | 'done' | 'stopped' | 'running', string>
  /** A user beside the administrator of `ctx`, with a password, a session, an unused link and an access key. */
  userId: string
}

/**
 * Makes one in a database of its own (the destruction of a key runs for all accounts of a database). Two of them hold
 * the same names, tags, descriptions and states.
 */
export async function fullAccount(connectionString: string, dataDir: string): Promise<FullAccount> {
  const w = await testWorld(connectionString)
  const { id: enterpriseProjectId } = await createEnterpriseProject(w.ctx, { name: 'Payments' })
  const make = (name: string, more: Parameters<TestWorld['makeKey']>[0] = {}) =>
    w.makeKey({
      name,
      description: `What ${name} is for`,
      tags: [
        { key: 'env', value: 'prod' },
        { key: 'name', value: name },
      ],
      enterpriseProjectId,
      ...more,
    })
  const doomed = await make('doomed')
  await change(w, 'scheduleDeletion', [doomed.id])
  await destroyDueKeys({
    db: w.db,
    rootKey: w.rootKey,
    dataDir,
    now: (clock) => new Date(clock.getTime() + 8 * dayMilliseconds),
  })
  const keys = {
    enabled: await make('enabled'),
    disabled: await make('disabled', { spec: 'EC_P256', usage: 'SIGN_VERIFY' }),
    pendingDeletion: await make('pending-deletion'),
    pendingImport: await make('pending-import', { origin: 'external' }),
    emptyPendingDeletion: await make('empty-pending-deletion', { origin: 'external' }),
    default: await createDefaultKey(w.ctx, { projectId: w.projectId, service: 'obs' }),
  }
  const done = await change(w, 'disable', [keys.disabled.id])
  await change(w, 'scheduleDeletion', [keys.pendingDeletion.id, keys.emptyPendingDeletion.id], '30')
  const planned = await plan(w, 'disable', [keys.enabled.id])
  const stopped = await withStatus(w, await plan(w, 'disable', [keys.enabled.id]), 'stopped')
  const running = await withStatus(w, await plan(w, 'disable', [keys.enabled.id]), 'applying')
  await inTransaction(w.ctx, (tx) =>
    tx.sql.auditRefusal.create({
      data: { accountId: w.accountId, actorId: w.ctx.actor.id, minute: tx.now, attempts: 9 },
    }),
  )
  await callWithKeys(w, keys)
  const stranger = await w.userWith([])
  await createKey(stranger, keyInput(w.projectId, { name: 'refused' })).catch(() => undefined)
  return {
    ...w,
    keys,
    destroyedKeyId: doomed.id,
    enterpriseProjectId,
    changes: { planned, done, stopped, running },
    userId: await userOf(w),
  }
}

/** What services do with keys, and what is kept of it. */
async function callWithKeys(w: TestWorld, keys: FullAccount['keys']): Promise<void> {
  const { ctx, projectId, accountId } = w
  const { id: keyId } = keys.enabled
  await createAlias(ctx, { projectId, keyId, alias: 'alias/enabled' })
  await createGrant(ctx, {
    projectId,
    keyId,
    granteePrincipal: principalOf(ctx.actor.id),
    granteeType: 'user',
    operations: ['encrypt-data'],
    name: 'payments',
    retiringPrincipal: null,
  })
  await enableRotation(ctx, { projectId, keyId })
  const wrappingAlgorithm = 'RSAES_OAEP_SHA_256'
  await openImport(ctx, { projectId, keyId: keys.pendingImport.id, wrappingAlgorithm })
  const uses = new BatchedUseRecorder({ db: w.db, rootKey: w.rootKey, log: { warn: () => undefined } })
  for (const key of [keys.enabled, keys.pendingDeletion]) {
    const input = { projectId, keyId: key.id, plaintext: Buffer.from('a small secret') }
    await encryptData({ ...ctx, uses }, input).catch(() => undefined)
  }
  await uses.stop()
  await inTransaction(ctx, async (tx) => {
    const moments = { createdAt: tx.now, expiresAt: new Date(tx.now.getTime() + dayMilliseconds) }
    const tokenHash = randomBytes(32)
    await tx.sql.accessToken.create({
      data: { tokenHash, accountId, userId: ctx.actor.id, projectId, ...moments },
    })
    const signed = { signatureHash: randomBytes(32), status: 200, body: '{}', createdAt: tx.now }
    await tx.sql.signedWrite.create({ data: { accountId, ...signed } })
  })
}

const plan = async (w: TestWorld, operation: KeyOperation, ids: string[]): Promise<string> =>
  (await planChange(w.ctx, { projectId: w.projectId, operation, selection: { ids } })).id

async function change(w: TestWorld, operation: KeyOperation, ids: string[], days = '7'): Promise<string> {
  const changeId = await plan(w, operation, ids)
  await applyChange(w.ctx, { changeId, understood: true, pendingDays: days, confirmation: 'DELETE' })
  return changeId
}

/** Leaves a change as a process leaves it that was stopped, or died, before the first item. */
async function withStatus(w: TestWorld, id: string, status: 'stopped' | 'applying'): Promise<string> {
  await inTransaction(w.ctx, (tx) =>
    tx.sql.change.update({
      where: { accountId_id: { accountId: w.accountId, id } },
      data: {
        status,
        appliedAt: tx.now,
        ...(status === 'applying'
          ? { ownerId: randomUUID(), leaseUntil: new Date(tx.now.getTime() + dayMilliseconds) }
          : { finishedAt: tx.now }),
      },
    }),
  )
  return id
}

async function userOf(w: TestWorld): Promise<string> {
  const { userId, link } = await addUser(w.ctx, {
    email: `${randomUUID()}@example.test`,
    name: 'Second',
    roles: [{ role: 'KMS CMKFullAccess', projectId: w.projectId }],
  })
  await setPassword(
    w.db,
    w.rootKey,
    { token: link.token, passwordHash: 'a hash' },
    { requestId: randomUUID(), sourceAddress: null },
  )
  await makeLink(w.ctx, { userId })
  await inSystemTransaction(w.db, 'administration', async (sql, now) => {
    await storeAccessKey(
      sql,
      w.rootKey,
      now,
      { accountId: w.accountId, userId },
      { id: `AK${randomUUID().replaceAll('-', '')}`, secret: 'a secret of sixteen or more' },
    )
    await sql.session.create({
      data: {
        id: randomUUID(),
        userId,
        token: randomUUID(),
        expiresAt: new Date(now.getTime() + dayMilliseconds),
      },
    })
  })
  return userId
}
