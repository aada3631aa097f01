import { violatedIndex } from '#lib/db/sql-state.ts'
import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import { changeKey, type KeyInProject, requireNotPendingDeletion } from './change-key.ts'

/**
 * Gives a key another name, which no other key of the project may have (Huawei KMS, change a key's alias). The name of a
 * key pending deletion is frozen. A due key that was not destroyed yet gives up its name.
 *
 * @param input.name by the rules of creating a key; the caller has checked it
 * @throws {KmsError} what `changeKey` throws; keyPendingDeletion, keyNameTaken
 */
export function renameKey(
  ctx: KmsContext,
  input: KeyInProject & { name: string },
): Promise<{ keyId: string; name: string }> {
  return changeKey(ctx, input, { action: 'kms:cmk:update', event: 'updateKeyAlias' }, async (tx, key) => {
    requireNotPendingDeletion(key)
    const { accountId } = ctx
    await tx.sql.$executeRaw`
      UPDATE key SET name_released = true WHERE account_id = ${accountId}::uuid AND project_id = ${key.project_id}
        AND name = ${input.name} AND state = '4' AND deletion_at <= ${tx.now}::timestamptz`
    try {
      await tx.sql.key.update({
        where: { accountId_id: { accountId, id: key.id } },
        data: { name: input.name },
      })
    } catch (error) {
      if (violatedIndex(error) === 'key_name')
        throw new KmsError('keyNameTaken', { field: 'name', cause: error })
      throw error
    }
    return { result: { keyId: key.id, name: input.name }, details: { from: key.name, to: input.name } }
  })
}
