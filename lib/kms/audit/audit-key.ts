import type { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import type { RootKey } from '#lib/kms/root-key/root-key.ts'
import { openSecret, type SecretPurpose, sealSecret } from '#lib/kms/root-key/sealed-secret.ts'

/** A chain and whose it is; `accountId` null: the installation's. */
type Chain = { id: string; accountId: string | null }

/** Names the account as well: otherwise whoever writes the database could exchange the chains of two accounts. */
const purpose = ({ id, accountId }: Chain): SecretPurpose =>
  `audit key ${id} of ${accountId ?? 'the installation'}`

/** Seals the key of a chain under the root key, for this chain and this account only. */
export function sealAuditKey(rootKey: RootKey, chain: Chain, auditKey: KeyMaterial): Buffer {
  return sealSecret(rootKey, purpose(chain), auditKey)
}

/**
 * Opens the key of a chain. The caller disposes of it.
 *
 * @throws {DecryptionFailed} if it was changed, or is that of another chain or of another account.
 */
export function openAuditKey(rootKey: RootKey, chain: Chain, sealed: Uint8Array): KeyMaterial {
  return openSecret(rootKey, purpose(chain), sealed)
}
