import { randomUUID } from 'node:crypto'
import type { Prisma } from '#lib/db/generated/client.ts'
import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import type { RootKey } from '#lib/kms/root-key/root-key.ts'
import { sealAuditKey } from './audit-key.ts'
import { headMac, noMac } from './event.ts'

/** Begins the chain of an account, or with null that of the installation, under a new audit key. */
export async function openChain(
  sql: Prisma.TransactionClient,
  rootKey: RootKey,
  accountId: string | null,
): Promise<void> {
  const id = randomUUID()
  using auditKey = KeyMaterial.random(32)
  await sql.auditChain.create({
    data: {
      id,
      accountId,
      sealedKey: Uint8Array.from(sealAuditKey(rootKey, { id, accountId }, auditKey)),
      lastMac: Uint8Array.from(noMac),
      headMac: Uint8Array.from(headMac(auditKey.reveal(), id, 0n, noMac)),
    },
  })
}
