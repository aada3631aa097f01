import type { Database } from '#lib/db/client.ts'

/**
 * Lets go of the rows that deleted material leaves behind. It never fails: what was deleted is deleted, and what is left
 * behind now is left to the next vacuum, ours or the server's own.
 */
export async function vacuumMaterial(db: Database): Promise<void> {
  await db.$executeRawUnsafe('VACUUM (SKIP_LOCKED) material_version').catch(() => undefined)
}
