import { randomUUID } from 'node:crypto'
import { describe, expect, inject, test } from 'vitest'
import { verifyAudit } from '../audit/verify-audit.ts'
import { applyChange } from '../changes/apply-change.ts'
import { planChange } from '../changes/plan-change.ts'
import type { KmsContext } from '../context.ts'
import type { KeyOperation } from '../model/key-state.ts'
import type { ChangeView } from '../model/views.ts'
import { decryptData } from '../operations/decrypt-data.ts'
import { encryptData } from '../operations/encrypt-data.ts'
import { readQuotas } from '../quotas/read-quotas.ts'
import { listReplicaRegions } from '../replicas/list-replica-regions.ts'
import { updatePrimaryRegion } from '../replicas/update-primary-region.ts'
import { deleteTags, setTags } from '../tags/change-tags.ts'
import { findTaggedKeys } from '../tags/find-tagged-keys.ts'
import { readProjectTags, readTags } from '../tags/read-tags.ts'
import { superuser } from '../testing/superuser.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { inSystemTransaction, inTransaction } from '../transaction.ts'
import { associateAlias } from './associate-alias.ts'
import { createAlias } from './create-alias.ts'
import { deleteAliases } from './delete-aliases.ts'
import { listAliases } from './list-aliases.ts'

const world = () => testWorld(inject('databaseUrl'))

async function change(
  w: TestWorld,
  operation: KeyOperation,
  projectId: string,
  id: string,
): Promise<ChangeView> {
  const planned = await planChange(w.ctx, { projectId, operation, selection: { ids: [id] } })
  return applyChange(w.ctx, {
    changeId: planned.id,
    understood: true,
    pendingDays: '7',
    confirmation: 'DELETE',
  })
}

describe('aliases', () => {
  test('name a key in calls, by alias and by URN, and move to another key', async () => {
    await using w = await world()
    const [first, second] = [await w.makeKey(), await w.makeKey()]
    const made = await createAlias(w.ctx, { projectId: w.projectId, keyId: first.id, alias: 'alias/orders' })
    expect(made.aliasUrn).toMatch(/^kms:region-1:[0-9a-f]{32}:alias:orders$/)
    const used = async (keyId: string) =>
      (await encryptData(w.ctx, { projectId: w.projectId, keyId, plaintext: Buffer.from('x') })).keyId
    expect(await used('alias/orders')).toBe(first.id)
    expect(await used(made.aliasUrn)).toBe(first.id)
    await associateAlias(w.ctx, { projectId: w.projectId, alias: 'alias/orders', targetKeyId: second.id })
    expect(await used('alias/orders')).toBe(second.id)
    await expect(used('alias/unknown')).rejects.toMatchObject({ code: 'keyNotFound' })
    await deleteAliases(w.ctx, { projectId: w.projectId, keyId: second.id, aliases: ['alias/orders'] })
    await expect(used('alias/orders')).rejects.toMatchObject({ code: 'keyNotFound' })
  })

  test('are moved only by who may change them where they are, too', async () => {
    await using w = await world()
    const { id: keyId } = await w.makeKey()
    const alias = 'alias/orders'
    await createAlias(w.ctx, { projectId: w.projectId, keyId, alias })
    const project = { id: randomUUID().replaceAll('-', ''), regionId: 'region-1', name: 'beside' }
    await inSystemTransaction(w.db, 'administration', (sql) =>
      sql.project.create({ data: { accountId: w.accountId, ...project } }),
    )
    const beside = await w.makeKey({ projectId: project.id })
    const move = (ctx: KmsContext) =>
      associateAlias(ctx, { projectId: project.id, alias, targetKeyId: beside.id })
    const oneProject = await w.userWith(['KMS CMKFullAccess'], project.id)
    await expect(move(oneProject)).rejects.toMatchObject({ code: 'aliasNotFound' })
    expect((await move(await w.userWith(['KMS CMKFullAccess']))).keyId).toBe(beside.id)
  })

  test('are unique in a region, well-formed, and fifty per key', async () => {
    await using w = await world()
    const [key, other] = [await w.makeKey(), await w.makeKey()]
    const add = (alias: string, keyId = key.id) =>
      createAlias(w.ctx, { projectId: w.projectId, keyId, alias })
    await add('alias/one')
    await expect(add('alias/one', other.id)).rejects.toMatchObject({ code: 'aliasTaken' })
    const refused = { accountId: w.accountId, outcome: 'refused', resourceId: other.id }
    const told = await inTransaction(w.ctx, (tx) => tx.sql.auditEvent.findMany({ where: refused }))
    expect(told).toMatchObject([{ action: 'createAlias' }])
    for (const bad of ['one', 'alias/', 'alias/a b', 'alias/obs/default', `alias/${'x'.repeat(256)}`]) {
      await expect(add(bad)).rejects.toMatchObject({ code: 'aliasInvalid' })
    }
    for (let i = 1; i < 50; i++) await add(`alias/n${i}`)
    await expect(add('alias/one-more')).rejects.toMatchObject({ code: 'aliasesTooMany' })
    const page = await listAliases(w.ctx, { projectId: w.projectId, keyId: key.id, limit: 30 })
    expect(page.aliases).toHaveLength(30)
    const rest = await listAliases(w.ctx, {
      projectId: w.projectId,
      keyId: key.id,
      limit: 30,
      marker: page.nextMarker,
    })
    expect(rest.aliases).toHaveLength(20)
    expect(rest.nextMarker).toBe('')
  })

  test('of a due key are free, and no longer moved, although it was not destroyed yet', async () => {
    await using w = await world()
    const [doomed, other] = [await w.makeKey(), await w.makeKey()]
    const { projectId } = w
    const alias = 'alias/orders'
    await createAlias(w.ctx, { projectId, keyId: doomed.id, alias })
    const { deletionAt } = await change(w, 'scheduleDeletion', projectId, doomed.id)
    const dueIn = (milliseconds: number): KmsContext => ({
      ...w.ctx,
      now: () => new Date(Date.parse(deletionAt ?? '') - milliseconds),
    })
    const take = (ctx: KmsContext) => createAlias(ctx, { projectId, keyId: other.id, alias })
    await expect(take(dueIn(1))).rejects.toMatchObject({ code: 'aliasTaken' })
    const moved = associateAlias(dueIn(0), { projectId, alias, targetKeyId: other.id })
    await expect(moved).rejects.toMatchObject({ code: 'aliasNotFound' })
    expect((await take(dueIn(0))).keyId).toBe(other.id)
  })

  test('of a key: all named are deleted, or none', async () => {
    await using w = await world()
    const key = await w.makeKey()
    await createAlias(w.ctx, { projectId: w.projectId, keyId: key.id, alias: 'alias/a' })
    const both = { projectId: w.projectId, keyId: key.id, aliases: ['alias/a', 'alias/b'] }
    await expect(deleteAliases(w.ctx, both)).rejects.toMatchObject({ code: 'aliasNotFound' })
    expect((await listAliases(w.ctx, { projectId: w.projectId, limit: 10 })).aliases).toHaveLength(1)
  })
})

describe('tags', () => {
  test('are set, overwritten, found and deleted', async () => {
    await using w = await world()
    const [key, other] = [await w.makeKey(), await w.makeKey()]
    const ofKey = { projectId: w.projectId, keyId: key.id }
    await setTags(w.ctx, {
      ...ofKey,
      tags: [
        { key: 'env', value: 'test' },
        { key: 'team', value: 'core' },
      ],
    })
    await setTags(w.ctx, { ...ofKey, tags: [{ key: 'env', value: 'prod' }] })
    await setTags(w.ctx, { projectId: w.projectId, keyId: other.id, tags: [{ key: 'env', value: 'test' }] })
    expect(await readTags(w.ctx, ofKey)).toEqual([
      { key: 'env', value: 'prod' },
      { key: 'team', value: 'core' },
    ])
    expect(await readProjectTags(w.ctx, { projectId: w.projectId })).toEqual([
      { key: 'env', values: ['prod', 'test'] },
      { key: 'team', values: ['core'] },
    ])
    const found = await findTaggedKeys(w.ctx, {
      projectId: w.projectId,
      tags: [
        { key: 'env', values: ['prod', 'stage'] },
        { key: 'team', values: [] },
      ],
      limit: 10,
      offset: 0,
    })
    expect(found).toMatchObject({ total: 1, keys: [{ id: key.id, tags: [{ key: 'env' }, { key: 'team' }] }] })
    await deleteTags(w.ctx, { ...ofKey, keys: ['env'], mustExist: true })
    await expect(deleteTags(w.ctx, { ...ofKey, keys: ['env'], mustExist: true })).rejects.toMatchObject({
      code: 'tagNotFound',
    })
  })

  test('are at most twenty: a request beyond changes nothing', async () => {
    await using w = await world()
    const key = await w.makeKey()
    const tags = Array.from({ length: 21 }, (_, i) => ({ key: `k${i}`, value: '' }))
    const ofKey = { projectId: w.projectId, keyId: key.id }
    await expect(setTags(w.ctx, { ...ofKey, tags })).rejects.toMatchObject({ code: 'tagsTooMany' })
    expect(await readTags(w.ctx, ofKey)).toEqual([])
  })
})

describe('replicas', () => {
  const replicate = (w: TestWorld, keyId: string) =>
    w.makeReplica({ projectId: w.projectId, keyId }, { tags: [{ key: 'env', value: 'prod' }] })

  test('open what the primary sealed, and answer with their own id', async () => {
    await using w = await world()
    const key = await w.makeKey()
    const replica = await replicate(w, key.id)
    const { ciphertext } = await encryptData(w.ctx, {
      projectId: w.projectId,
      keyId: key.id,
      plaintext: Buffer.from('attack at dawn'),
    })
    const opened = await decryptData(w.ctx, { projectId: w.otherProjectId, ciphertext })
    expect(opened.keyId).toBe(replica.keyId)
    expect(Buffer.from(opened.plaintext).toString()).toBe('attack at dawn')
  })

  test('hold back the deletion of their primary, also while pending deletion', async () => {
    await using w = await world()
    const key = await w.makeKey()
    const replica = await replicate(w, key.id)
    const refused = await planChange(w.ctx, {
      projectId: w.projectId,
      operation: 'scheduleDeletion',
      selection: { ids: [key.id] },
    })
    expect(refused.items).toMatchObject([{ outcome: 'skipped', reasonCode: 'keyHasReplicas' }])
    await change(w, 'scheduleDeletion', w.otherProjectId, replica.keyId)
    expect((await change(w, 'scheduleDeletion', w.projectId, key.id)).counts.skipped).toBe(1)
  })

  test('hold it back also when they are made while its deletion waits for its row', async () => {
    await using w = await world()
    await using root = await superuser(inject('databaseUrl'), inject('superuserDatabaseUrl'))
    const { id } = await w.makeKey()
    const selection = { ids: [id] }
    const { id: changeId } = await planChange(w.ctx, {
      projectId: w.projectId,
      operation: 'scheduleDeletion',
      selection,
    })
    /** The process that waits for a lock of another one's. */
    const whoWaitsFor = async (other: unknown): Promise<unknown> => {
      const asked = 'SELECT pid FROM pg_locks WHERE NOT granted AND $1 = ANY(pg_blocking_pids(pid))'
      await expect.poll(() => root.run(asked, [other])).toHaveLength(1)
      return (await root.run(asked, [other]))[0]?.pid
    }
    const [{ pid } = {}] = await root.run('SELECT pg_backend_pid() AS pid')
    await root.run('BEGIN')
    // The last lock of every change: whoever makes the replica stops here, with the row of the key.
    await root.run('SELECT 1 FROM audit_chain WHERE account_id = $1 FOR UPDATE', [w.accountId])
    const made = replicate(w, id)
    const maker = await whoWaitsFor(pid)
    const input = { changeId, pendingDays: '7', confirmation: 'DELETE' }
    const applied = applyChange(w.ctx, input)
    await whoWaitsFor(maker)
    await root.run('ROLLBACK')
    await made
    expect((await applied).items).toMatchObject([{ outcome: 'changed', state: '2' }])
  })

  test('are one per region, not of replicas, not in the own region, and need the project there', async () => {
    await using w = await world()
    const key = await w.makeKey()
    const replica = await replicate(w, key.id)
    await expect(replicate(w, key.id)).rejects.toMatchObject({ code: 'replicaRegionInvalid' })
    const here = { replicaRegion: 'region-1', replicaProjectId: w.projectId }
    await expect(w.makeReplica(replica, here)).rejects.toMatchObject({ code: 'replicaReadOnly' })
    const other = await w.makeKey()
    await expect(w.makeReplica({ projectId: w.projectId, keyId: other.id }, here)).rejects.toMatchObject({
      code: 'replicaRegionInvalid',
    })
    expect(await listReplicaRegions(w.ctx, { projectId: w.projectId, limit: 10, offset: 0 })).toEqual([
      'region-1',
      'region-2',
    ])
  })

  test('become the primary, which becomes a replica', async () => {
    await using w = await world()
    const key = await w.makeKey()
    const replica = await replicate(w, key.id)
    await updatePrimaryRegion(w.ctx, { projectId: w.projectId, keyId: key.id, primaryRegion: 'region-2' })
    expect((await change(w, 'scheduleDeletion', w.otherProjectId, replica.keyId)).counts.skipped).toBe(1)
    expect((await change(w, 'scheduleDeletion', w.projectId, key.id)).counts.done).toBe(1)
    expect((await verifyAudit(w.db, w.rootKey, { accountId: w.accountId }))[0]).toMatchObject({
      problem: null,
    })
  })

  test('count in the quota of their project', async () => {
    await using w = await world()
    const key = await w.makeKey()
    await replicate(w, key.id)
    expect(await readQuotas(w.ctx, { projectId: w.otherProjectId })).toMatchObject({
      keys: { used: 1, quota: 100 },
    })
  })
})
