import { KeyMaterial } from '../crypto/key-material.ts'
import { sealMaterial } from '../crypto/sealed-material.ts'
import { openAccountKey } from '../root-key/account-key.ts'
import { inTransaction } from '../transaction.ts'
import type { TestWorld } from './test-world.ts'

/**
 * Puts material into a key by SQL, so that a test knows it: version 1 replaces the key's own, another version is added
 * to it, activated unless told otherwise.
 */
export async function putMaterial(
  w: TestWorld,
  keyId: string,
  bytes: Uint8Array,
  options: { version?: number; activated?: boolean; expiresAt?: Date } = {},
): Promise<void> {
  const { version = 1, activated = true, expiresAt = null } = options
  await inTransaction(
    w.ctx,
    async (tx) => {
      const { accountId } = w
      const key = await tx.sql.key.findUniqueOrThrow({
        where: { accountId_id: { accountId, id: keyId } },
        include: { materialSet: true },
      })
      const account = await tx.sql.account.findUniqueOrThrow({ where: { id: accountId } })
      const setId = key.materialSetId
      using accountKey = openAccountKey(w.rootKey, accountId, account.sealedKey)
      using material = KeyMaterial.take(Uint8Array.from(bytes))
      const place = {
        accountId,
        setId,
        version,
        spec: key.spec as Parameters<typeof sealMaterial>[1]['spec'],
      }
      const sealed = Uint8Array.from(sealMaterial(accountKey, place, material))
      const activatedAt = activated ? tx.now : null
      await tx.sql.materialVersion.upsert({
        where: { accountId_setId_version: { accountId, setId, version } },
        create: { accountId, setId, version, sealed, fingerprint: Buffer.alloc(32), activatedAt, expiresAt },
        update: { sealed, activatedAt, expiresAt },
      })
    },
    { write: true },
  )
}
