import { recordEvents } from '../audit/record-events.ts'
import type { KeySet } from '../keys/lock-key-set.ts'
import { changeSet } from '../material/change-set.ts'
import type { GeneratedMaterial } from '../material/generate-material.ts'
import { insertVersion, readVersions } from '../material/material-versions.ts'
import { dayMilliseconds, limits } from '../model/limits.ts'
import { openOwnAccountKey } from '../root-key/open-own-account-key.ts'
import type { Tx } from '../transaction.ts'

/**
 * Gives a locked set fresh material: from the commit on it seals with it, and every older version goes on opening what
 * it sealed. Answers the number of the new version.
 */
export async function rotateSet(
  tx: Tx,
  set: KeySet,
  fresh: GeneratedMaterial,
  trigger: 'clock' | 'demand',
): Promise<number> {
  const { key } = set
  const place = { setId: key.material_set_id, spec: key.spec }
  const versions = await readVersions(tx, place.setId)
  const version = Math.max(0, ...versions.map((one) => one.version)) + 1
  using accountKey = await openOwnAccountKey(tx)
  const moments = { activatedAt: tx.now, expiresAt: null }
  await insertVersion(tx, accountKey, { ...place, version }, fresh, moments)
  await recordRotation(tx, set, version, trigger)
  return version
}

/** Notes a rotation that has been made: the counter, when the next is due, the event. Last in its transaction. */
export async function recordRotation(
  tx: Tx,
  set: KeySet,
  version: number,
  trigger: 'clock' | 'demand',
): Promise<void> {
  const { accountId } = tx.ctx
  const keyId = set.key.id
  const before = await tx.sql.keyRotation.findUnique({ where: { accountId_keyId: { accountId, keyId } } })
  const intervalDays = before?.intervalDays ?? limits.rotationDaysMax
  const dueAt = before?.enabled ? new Date(tx.now.getTime() + intervalDays * dayMilliseconds) : null
  await tx.sql.keyRotation.upsert({
    where: { accountId_keyId: { accountId, keyId } },
    create: { accountId, keyId, enabled: false, lastRotatedAt: tx.now, rotations: 1 },
    update: { dueAt, lastRotatedAt: tx.now, rotations: { increment: 1 } },
  })
  const events = await changeSet(tx, set, null, { action: 'rotateKey', details: { version, trigger } })
  await recordEvents(tx, events)
}
