import { requireRight } from '../access/require-right.ts'
import { attempted } from '../audit/attempted.ts'
import type { KmsContext } from '../context.ts'
import type { KeyInProject } from '../keys/change-key.ts'
import { lockKeySet } from '../keys/lock-key-set.ts'
import { awaitSet } from '../material/change-set.ts'
import { readVersions } from '../material/material-versions.ts'
import { KmsError } from '../model/errors.ts'
import { inTransaction } from '../transaction.ts'
import { requireEnabled, requireRotatableKind } from './require-rotatable.ts'
import { recordRotation } from './rotate-set.ts'

/**
 * Rotates an external key to the material that was imported for it while it was Enabled; every older version goes on
 * opening what it sealed (Huawei KMS, rotate on demand).
 *
 * @throws {KmsError} notPermitted without `kms:cmk:rotateOnDemand`, keyIdInvalid, keyNotFound, defaultKey,
 *   notPrimaryRegion, asymmetricCannotRotate, notForAsymmetric, rotationNotSupported, also when no material waits;
 *   originNotExternal, keyDisabled, keyPendingDeletion, keyPendingImport; unconfirmed: saved, but an instance may not know
 *   of it yet
 */
export function rotateOnDemand(
  ctx: KmsContext,
  input: KeyInProject,
): Promise<{ keyId: string; version: number }> {
  const { projectId } = input
  const attempt = { action: 'rotateKey', resourceId: input.keyId.slice(0, 300), projectId }
  return attempted(ctx, attempt, () =>
    inTransaction(
      ctx,
      async (tx) => {
        requireRight(tx, 'kms:cmk:rotateOnDemand', projectId)
        const set = await lockKeySet(tx, projectId, input.keyId)
        const { key } = set
        requireRotatableKind(key)
        if (key.origin !== 'external') throw new KmsError('originNotExternal')
        requireEnabled(key)
        const versions = await readVersions(tx, key.material_set_id)
        if (versions.some((version) => !version.waiting && !version.usable))
          throw new KmsError('keyPendingImport')
        const next = versions.find((version) => version.waiting && version.usable)
        if (!next) {
          await awaitSet(tx, set)
          const message = 'No key material waits for the key: import it first.'
          throw new KmsError('rotationNotSupported', { message })
        }
        const { version } = next
        await tx.sql.materialVersion.update({
          where: {
            accountId_setId_version: { accountId: ctx.accountId, setId: key.material_set_id, version },
          },
          data: { activatedAt: tx.now },
        })
        await recordRotation(tx, set, version, 'demand')
        return { keyId: key.id, version }
      },
      { write: true },
    ),
  )
}
