import { requireRight } from '../access/require-right.ts'
import { attempted } from '../audit/attempted.ts'
import type { KmsContext } from '../context.ts'
import type { KeyInProject } from '../keys/change-key.ts'
import { peekKey } from '../keys/lock-key.ts'
import { lockKeySet } from '../keys/lock-key-set.ts'
import { generateMaterial } from '../material/generate-material.ts'
import { inTransaction } from '../transaction.ts'
import { requireAutomatic } from './require-rotatable.ts'
import { rotateSet } from './rotate-set.ts'

/**
 * Rotates a symmetric key with KMS material now, whether or not automatic rotation is on; if it is, the next is due an
 * interval from now.
 *
 * @throws {KmsError} notPermitted without `kms:cmk:rotateOnDemand`, keyIdInvalid, keyNotFound, defaultKey,
 *   notPrimaryRegion, asymmetricCannotRotate, notForAsymmetric, rotationNotSupported, externalKeyCannotRotate,
 *   keyDisabled, keyPendingDeletion; busy; unconfirmed: saved, but an instance may not know of it yet
 */
export function rotateKey(ctx: KmsContext, input: KeyInProject): Promise<{ keyId: string; version: number }> {
  const { projectId } = input
  const attempt = { action: 'rotateKey', resourceId: input.keyId.slice(0, 300), projectId }
  return attempted(ctx, attempt, async () => {
    const spec = await inTransaction(ctx, async (tx) => {
      requireRight(tx, 'kms:cmk:rotateOnDemand', projectId)
      const key = await peekKey(tx, projectId, input.keyId)
      requireAutomatic(key)
      return key.spec
    })
    const fresh = await generateMaterial(spec)
    try {
      return await inTransaction(
        ctx,
        async (tx) => {
          requireRight(tx, 'kms:cmk:rotateOnDemand', projectId)
          const set = await lockKeySet(tx, projectId, input.keyId)
          requireAutomatic(set.key)
          return { keyId: set.key.id, version: await rotateSet(tx, set, fresh, 'demand') }
        },
        { write: true },
      )
    } finally {
      fresh.material[Symbol.dispose]()
    }
  })
}
