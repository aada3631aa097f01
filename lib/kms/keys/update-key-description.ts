import type { KmsContext } from '../context.ts'
import { changeKey, type KeyInProject, requireNotPendingDeletion } from './change-key.ts'

/**
 * Replaces the description of a key; that of a key pending deletion is frozen (Huawei KMS, change a key's description).
 *
 * @param input.description at most 255 characters; the caller has checked it
 * @throws {KmsError} what `changeKey` throws; keyPendingDeletion
 */
export function updateKeyDescription(
  ctx: KmsContext,
  input: KeyInProject & { description: string },
): Promise<{ keyId: string; description: string }> {
  const { description } = input
  return changeKey(
    ctx,
    input,
    { action: 'kms:cmk:update', event: 'updateKeyDescription' },
    async (tx, key) => {
      requireNotPendingDeletion(key)
      await tx.sql.key.update({
        where: { accountId_id: { accountId: ctx.accountId, id: key.id } },
        data: { description },
      })
      return { result: { keyId: key.id, description } }
    },
  )
}
