import { createHash } from 'node:crypto'
import { requireRight } from '../access/require-right.ts'
import type { KmsContext } from '../context.ts'
import type { KeyInProject } from '../keys/change-key.ts'
import { peekKey } from '../keys/lock-key.ts'
import { limits } from '../model/limits.ts'
import { inTransaction } from '../transaction.ts'

/** One version of a key's material. */
export type MaterialView = {
  /** A UUID that always names this version. */
  id: string
  version: number
  createdAt: Date
  expiresAt: Date | null
  /** `waiting` for rotation on demand; `enabled`: opens what it sealed; `deleted`: by hand, or expired. */
  state: 'waiting' | 'enabled' | 'deleted'
}

export type RotationStatus = {
  keyId: string
  enabled: boolean
  /** What was last set; 365 when nothing was. */
  intervalDays: number
  lastRotatedAt: Date | null
  rotations: number
  /** Kept while the key is Disabled or pending deletion; null while rotation is off. */
  nextRotationAt: Date | null
  /** The newest first. */
  materials: MaterialView[]
}

/**
 * Whether and when a key is rotated, and which versions it has. Every key that may be read has an answer; a replica has
 * its primary's (Huawei KMS, get the key rotation status).
 *
 * @throws {KmsError} notPermitted without `kms:cmk:getRotation` in the project, keyIdInvalid, keyNotFound
 */
export function readRotationStatus(ctx: KmsContext, input: KeyInProject): Promise<RotationStatus> {
  return inTransaction(ctx, async (tx) => {
    requireRight(tx, 'kms:cmk:getRotation', input.projectId)
    const key = await peekKey(tx, input.projectId, input.keyId)
    const { accountId } = ctx
    const setId = key.material_set_id
    const rotation = await tx.sql.keyRotation.findUnique({
      where: { accountId_keyId: { accountId, keyId: key.primary_key_id ?? key.id } },
    })
    const versions = await tx.sql.materialVersion.findMany({
      where: { accountId, setId },
      orderBy: { version: 'desc' },
    })
    return {
      keyId: key.id,
      enabled: rotation?.enabled ?? false,
      intervalDays: rotation?.intervalDays ?? limits.rotationDaysMax,
      lastRotatedAt: rotation?.lastRotatedAt ?? null,
      rotations: rotation?.rotations ?? 0,
      nextRotationAt: rotation?.dueAt ?? null,
      materials: versions.map((version): MaterialView => {
        const gone = version.sealed === null || (version.expiresAt !== null && version.expiresAt <= tx.now)
        return {
          id: materialId(setId, version.version),
          version: version.version,
          createdAt: version.createdAt,
          expiresAt: version.expiresAt,
          state: gone ? 'deleted' : version.activatedAt === null ? 'waiting' : 'enabled',
        }
      }),
    }
  })
}

/** Versions have numbers; the API gives each a name of its own. A UUID of version 8 (RFC 9562 §5.8). */
function materialId(setId: string, version: number): string {
  const hash = createHash('sha256').update(`${setId} ${version}`).digest('hex')
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`
}
