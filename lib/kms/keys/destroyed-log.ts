import { open } from 'node:fs/promises'
import { join } from 'node:path'

/** One destroyed key, as it is remembered outside the database. */
export type DestroyedKey = { accountId: string; keyId: string; materialSetId: string; destroyedAt: string }

/** Where destructions are remembered, one JSON object a line. */
export const destroyedLogFile = (dataDir: string): string => join(dataDir, 'destroyed.log')

/**
 * Appends destructions to the file and waits until the disk has them. It lies outside the database, so that after a
 * restore of an older copy the same keys can be destroyed again.
 */
export async function appendDestroyed(dataDir: string, keys: readonly DestroyedKey[]): Promise<void> {
  const file = await open(destroyedLogFile(dataDir), 'a', 0o600)
  try {
    await file.appendFile(keys.map((key) => `${JSON.stringify(key)}\n`).join(''))
    await file.datasync()
  } finally {
    await file.close()
  }
}
