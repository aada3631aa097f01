import { timingSafeEqual } from 'node:crypto'
import type { KeyMaterial } from '../crypto/key-material.ts'
import { type MaterialPlace, materialFingerprint, sealMaterial } from '../crypto/sealed-material.ts'
import type { Tx } from '../transaction.ts'

/** Where a version belongs; the account is the transaction's. */
export type VersionPlace = Omit<MaterialPlace, 'accountId'>

/** Material in the form in which it is kept. */
export type NewMaterial = {
  /** Random bytes, or a PKCS#8 DER private key as Node writes it. */
  material: KeyMaterial
  /** SubjectPublicKeyInfo DER; null for symmetric and MAC keys. */
  publicKey: Buffer | null
}

/** One version of the material of a set, without its bytes. */
export type Version = {
  version: number
  fingerprint: Uint8Array
  /** Whether it can be opened now: not deleted, and its moment has not come. */
  usable: boolean
  /** Imported ahead: nothing was ever sealed with it. */
  waiting: boolean
}

/** The versions of a set, the oldest first. Whoever changes them holds the locks of every key of the set. */
export async function readVersions(tx: Tx, setId: string): Promise<Version[]> {
  const rows = await tx.sql.materialVersion.findMany({
    where: { accountId: tx.ctx.accountId, setId },
    orderBy: { version: 'asc' },
  })
  return rows.map((row) => ({
    version: row.version,
    fingerprint: row.fingerprint,
    usable: row.sealed !== null && (row.expiresAt === null || row.expiresAt > tx.now),
    waiting: row.activatedAt === null,
  }))
}

/**
 * Seals material as a new version of a set.
 *
 * @param moments.activatedAt null: it waits for rotation on demand
 */
export async function insertVersion(
  tx: Tx,
  accountKey: KeyMaterial,
  place: VersionPlace,
  { material, publicKey }: NewMaterial,
  moments: { activatedAt: Date | null; expiresAt: Date | null },
): Promise<void> {
  const { accountId } = tx.ctx
  const { setId, version } = place
  const at = { accountId, ...place }
  await tx.sql.materialVersion.create({
    data: {
      accountId,
      setId,
      version,
      sealed: Uint8Array.from(sealMaterial(accountKey, at, material)),
      publicKey: publicKey ? Uint8Array.from(publicKey) : null,
      fingerprint: Uint8Array.from(materialFingerprint(accountKey, at, material)),
      createdAt: tx.now,
      ...moments,
    },
  })
}

/** Seals material again in the place of a version that was deleted or has expired; it must be the identical one. */
export async function restoreVersion(
  tx: Tx,
  accountKey: KeyMaterial,
  place: VersionPlace,
  material: KeyMaterial,
  expiresAt: Date | null,
): Promise<void> {
  const { accountId } = tx.ctx
  const { setId, version } = place
  const sealed = Uint8Array.from(sealMaterial(accountKey, { accountId, ...place }, material))
  await tx.sql.materialVersion.update({
    where: { accountId_setId_version: { accountId, setId, version } },
    data: { sealed, expiresAt },
  })
}

/** The version with exactly this material, by its keyed fingerprint. */
export function findIdentical(versions: readonly Version[], fingerprint: Uint8Array): Version | undefined {
  return versions.find((version) => timingSafeEqual(version.fingerprint, fingerprint))
}
