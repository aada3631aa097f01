import { randomUUID } from 'node:crypto'
import { requireRight } from '../access/require-right.ts'
import { attempted } from '../audit/attempted.ts'
import { recordEvent } from '../audit/record-events.ts'
import type { KmsContext } from '../context.ts'
import type { KeyInProject } from '../keys/change-key.ts'
import { lockKey, peekKey } from '../keys/lock-key.ts'
import { KmsError } from '../model/errors.ts'
import { limits } from '../model/limits.ts'
import { openOwnAccountKey } from '../root-key/open-own-account-key.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import { type GeneratedMaterial, generateMaterial } from './generate-material.ts'
import { sealImportToken, wrappingAlgorithm } from './import-token.ts'
import { requireImportable } from './require-importable.ts'
import { sealWrappingKey } from './wrapping-key.ts'

export type OpenImportInput = KeyInProject & { wrappingAlgorithm: string }

/** With what material is wrapped, and what proves that it was wrapped for this key. */
export type OpenedImport = {
  keyId: string
  importToken: Buffer
  /** RSA_2048, SubjectPublicKeyInfo DER. */
  publicKey: Buffer
  expiresAt: Date
}

/**
 * Makes a wrapping key and an import token for an external key. Both hold for 24 hours; a key has one open set, and a
 * new one replaces it (Huawei KMS, get parameters for import).
 *
 * @throws {KmsError} notPermitted without `kms:cmk:getMaterial`, keyIdInvalid, keyNotFound, defaultKey,
 *   originNotExternal, notPrimaryRegion, notPendingImport, wrappingAlgorithmInvalid, busy
 */
export function openImport(ctx: KmsContext, input: OpenImportInput): Promise<OpenedImport> {
  const attempt = {
    action: 'getParametersForImport',
    resourceId: input.keyId.slice(0, 300),
    projectId: input.projectId,
  }
  return attempted(ctx, attempt, async () => {
    // An RSA key takes a while: what will be refused anyway is refused before. The transaction below decides.
    await inTransaction(ctx, async (tx) => {
      requireRight(tx, 'kms:cmk:getMaterial', input.projectId)
      requireImportable(await peekKey(tx, input.projectId, input.keyId))
      if (input.wrappingAlgorithm !== wrappingAlgorithm) {
        throw new KmsError('wrappingAlgorithmInvalid', { field: 'wrapping_algorithm' })
      }
    })
    const made = await generateMaterial('RSA_2048')
    try {
      return await inTransaction(ctx, (tx) => replaceRequest(tx, input, made), { write: true })
    } finally {
      made.material[Symbol.dispose]()
    }
  })
}

async function replaceRequest(
  tx: Tx,
  input: OpenImportInput,
  { material, publicKey }: GeneratedMaterial,
): Promise<OpenedImport> {
  const { accountId } = tx.ctx
  requireRight(tx, 'kms:cmk:getMaterial', input.projectId)
  const key = await lockKey(tx, input.projectId, input.keyId, 'change')
  requireImportable(key)
  if (!publicKey) throw new Error('a wrapping key has no public key')
  using accountKey = await openOwnAccountKey(tx)
  const requestId = randomUUID()
  const expiresAt = new Date(tx.now.getTime() + limits.importHours * 3_600_000)
  const place = { accountId, keyId: key.id, requestId }
  const request = {
    id: requestId,
    wrappingAlgorithm,
    sealedWrappingKey: Uint8Array.from(sealWrappingKey(accountKey, place, material)),
    failures: 0,
    createdAt: tx.now,
    expiresAt,
  }
  await tx.sql.importRequest.upsert({
    where: { accountId_keyId: { accountId, keyId: key.id } },
    create: { accountId, keyId: key.id, ...request },
    update: request,
  })
  await recordEvent(tx, {
    action: 'getParametersForImport',
    outcome: 'done',
    resourceId: key.id,
    resourceName: key.name,
    projectId: key.project_id,
    details: { importRequest: requestId, expiresAt: expiresAt.toISOString() },
  })
  return {
    keyId: key.id,
    importToken: sealImportToken(accountKey, accountId, { requestId, keyId: key.id, expiresAt }),
    publicKey,
    expiresAt,
  }
}
