import { createHash } from 'node:crypto'
import { sqlState } from '#lib/db/sql-state.ts'
import { requireRight } from '../access/require-right.ts'
import { attempted } from '../audit/attempted.ts'
import { recordEvent } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import { type GeneratedMaterial, generateMaterial } from '../material/generate-material.ts'
import { KmsError } from '../model/errors.ts'
import type { CreateKeyInput } from '../model/inputs/create-key.ts'
import type { KeySpec } from '../model/key-spec.ts'
import type { KeyView } from '../model/views.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import { insertKey } from './insert-key.ts'
import { readKey } from './read-key.ts'
import { isQuotaReached, readQuota } from './read-quota.ts'

/**
 * Creates a key: with KMS material it is Enabled, an external one is Pending import (Huawei KMS, create key). A repeat
 * with the same idempotency key and input answers the same key; with other input it is refused.
 *
 * @throws {KmsError} notPermitted without `kms:cmk:create` in the project; projectNotFound; keyNameTaken;
 *   enterpriseProjectNotFound; keyQuotaReached; idempotencyMismatch; busy while too many key pairs are being made
 */
export function createKey(ctx: KmsContext, input: CreateKeyInput): Promise<KeyView> {
  const spec = input.spec as KeySpec
  const attempt = {
    action: 'createKey',
    resourceType: 'project',
    resourceId: input.projectId,
    resourceName: input.name,
    projectId: input.projectId,
  } as const
  return attempted(ctx, attempt, async () => {
    // Making an RSA key costs seconds: what will be refused anyway is refused before. The transaction below decides.
    const repeated = await inTransaction(ctx, (tx) => admit(tx, input))
    if (repeated) return repeated
    const made = input.origin === 'kms' ? await generateMaterial(spec) : null
    try {
      return await inTransaction(ctx, (tx) => insert(tx, input, spec, made), { write: true })
    } finally {
      made?.material[Symbol.dispose]()
    }
  })
}

/**
 * Permission first, then a repeat's answer, then quota and name. Returns the key of an earlier identical request.
 *
 * Without a lock each look-up sees what is committed by then, and a key is committed with its request: so the request
 * is looked up last, lest the key that a double click has just made count as one that takes its name or place.
 */
async function admit(tx: Tx, input: CreateKeyInput): Promise<KeyView | null> {
  requireRight(tx, 'kms:cmk:create', input.projectId)
  const refusal = (await quotaRefusal(tx, input)) ?? (await nameRefusal(tx, input))
  const earlier = await tx.sql.createRequest.findUnique({
    where: {
      accountId_idempotencyKey: { accountId: tx.ctx.accountId, idempotencyKey: input.idempotencyKey },
    },
  })
  if (earlier) {
    if (!hashOf(input).equals(earlier.inputHash) || earlier.actorId !== tx.ctx.actor.id) {
      throw new KmsError('idempotencyMismatch')
    }
    return readKey(tx, earlier.keyId)
  }
  if (refusal) throw refusal
  return null
}

async function quotaRefusal(tx: Tx, { projectId }: CreateKeyInput): Promise<KmsError | null> {
  const quota = await readQuota(tx, projectId)
  if (!(await isQuotaReached(tx, projectId, quota))) return null
  return new KmsError('keyQuotaReached', { values: { quota: quota.limit } })
}

async function nameRefusal(tx: Tx, { projectId, name }: CreateKeyInput): Promise<KmsError | null> {
  const holder = await tx.sql.key.findFirst({
    where: { accountId: tx.ctx.accountId, projectId, name, nameReleased: false },
    select: { deletionAt: true },
  })
  const isTaken = holder !== null && (holder.deletionAt === null || holder.deletionAt > tx.now)
  return isTaken ? new KmsError('keyNameTaken', { field: 'name' }) : null
}

async function insert(
  tx: Tx,
  input: CreateKeyInput,
  spec: KeySpec,
  material: GeneratedMaterial | null,
): Promise<KeyView> {
  // Twenty people pressing OK at once form a line here, so the quota and the name are counted by one at a time.
  await tx.sql.$queryRaw`
    SELECT 1 FROM project WHERE account_id = ${tx.ctx.accountId}::uuid AND id = ${input.projectId} FOR UPDATE`
  const repeated = await admit(tx, input)
  if (repeated) return repeated
  const keyId = await insertKey(tx, { ...input, spec, isDefault: false, material })
  await rememberRequest(tx, input, keyId)
  const key = await readKey(tx, keyId)
  await recordEvent(tx, {
    action: 'createKey',
    outcome: 'done',
    resourceId: keyId,
    resourceName: input.name,
    projectId: input.projectId,
    details: { spec, usage: input.usage, origin: input.origin, state: key.state },
  })
  return key
}

/** The lock on the project does not put requests for different projects in a line; the unique key does. */
async function rememberRequest(tx: Tx, input: CreateKeyInput, keyId: string): Promise<void> {
  try {
    await tx.sql.createRequest.create({
      data: {
        accountId: tx.ctx.accountId,
        idempotencyKey: input.idempotencyKey,
        actorId: tx.ctx.actor.id,
        inputHash: hashOf(input),
        keyId,
        createdAt: tx.now,
      },
    })
  } catch (error) {
    throw sqlState(error) === '23505' ? new KmsError('idempotencyMismatch', { cause: error }) : error
  }
}

function hashOf(input: CreateKeyInput): Buffer<ArrayBuffer> {
  const { idempotencyKey: _, ...rest } = input
  const sorted = Object.fromEntries(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)))
  return Buffer.from(createHash('sha256').update(JSON.stringify(sorted)).digest())
}
