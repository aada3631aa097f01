// A process that changes keys as fast as it can and tells its parent what was acknowledged, until it is killed.
import { randomUUID } from 'node:crypto'
import { openDatabase } from '#lib/db/client.ts'
import { startRunner } from '#lib/jobs/run-jobs.ts'
import { applyChange } from '#lib/kms/changes/apply-change.ts'
import { planChange } from '#lib/kms/changes/plan-change.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import { createKey } from '#lib/kms/keys/create-key.ts'
import type { PlanChangeInput } from '#lib/kms/model/inputs/change.ts'
import { keyFilter } from '#lib/kms/model/inputs/key-filter.ts'
import { type KeyOperation, keyOperations } from '#lib/kms/model/key-state.ts'
import { RootKey } from '#lib/kms/root-key/root-key.ts'

/** What the child works on. */
export type Load = {
  connectionString: string
  /** Hexadecimal. */
  rootKey: string
  dataDir: string
  accountId: string
  projectId: string
  userId: string
  /** Keys that exist already. */
  keyIds: string[]
}

/** What a verb has answered, and so must never be lost. */
export type Acknowledged =
  | { kind: 'created'; keyId: string; name: string }
  | { kind: 'applied'; changeId: string; done: string[] }
  /** More than a hundred items: left to the runner. */
  | { kind: 'accepted'; changeId: string }

const workers = 5

process.on('disconnect', () => process.exit(1))
process.on('message', (load: Load) => {
  const rootKey = new RootKey(KeyMaterial.take(Buffer.from(load.rootKey, 'hex')))
  const db = openDatabase(load.connectionString, { connections: 8, applicationName: 'keystead-load' })
  const ctx: KmsContext = {
    db,
    rootKey,
    accountId: load.accountId,
    actor: { kind: 'user', id: load.userId, name: 'Load' },
    requestId: randomUUID(),
    sourceAddress: null,
  }
  const silent = () => undefined
  startRunner({ db, rootKey, dataDir: load.dataDir, log: { info: silent, warn: silent, error: silent } })
  const keyIds = [...load.keyIds]
  for (let worker = 0; worker < workers; worker++) void work(ctx, load.projectId, keyIds, worker)
})

const acknowledge = (done: Acknowledged): void => {
  process.send?.(done)
}

async function work(ctx: KmsContext, projectId: string, keyIds: string[], worker: number): Promise<void> {
  for (let round = worker; ; round++) {
    // What fails may fail: two workers meet, or the database was killed. Only what was answered counts.
    await step(ctx, projectId, keyIds, round).catch(() => undefined)
  }
}

async function step(ctx: KmsContext, projectId: string, keyIds: string[], round: number): Promise<void> {
  if (round % 3 === 0 || keyIds.length === 0) {
    const name = `key-${randomUUID()}`
    const origin = round % 2 ? 'kms' : 'external'
    const key = await createKey(ctx, {
      projectId,
      idempotencyKey: randomUUID(),
      name,
      spec: 'AES_256',
      usage: 'ENCRYPT_DECRYPT',
      origin,
      enterpriseProjectId: '0',
      description: '',
      tags: [],
    })
    acknowledge({ kind: 'created', keyId: key.id, name })
    keyIds.push(key.id)
    return
  }
  const operation = keyOperations[Math.floor(Math.random() * 4)] as KeyOperation
  const selection: PlanChangeInput['selection'] =
    round % 25 === 1
      ? { filter: keyFilter.parse({ projectId }) }
      : { ids: Array.from({ length: 8 }, () => keyIds[Math.floor(Math.random() * keyIds.length)] as string) }
  const planned = await planChange(ctx, { projectId, operation, selection })
  const applied = await applyChange(ctx, {
    changeId: planned.id,
    understood: true,
    pendingDays: '7',
    confirmation: 'DELETE',
  })
  if (applied.status === 'done') {
    const done = applied.items.filter((item) => item.outcome === 'done').map((item) => item.keyId)
    acknowledge({ kind: 'applied', changeId: applied.id, done })
  } else acknowledge({ kind: 'accepted', changeId: applied.id })
}
