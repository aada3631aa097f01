import { join } from 'node:path'
import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import { StartProblem } from '#lib/start-problem.ts'
import type { InstallationStore } from './installation-store.ts'
import { RootKey } from './root-key.ts'
import { readRootKeyFile, writeRootKeyFile } from './root-key-file.ts'
import { parseRootKey } from './root-key-value.ts'
import { openSecret, sealSecret } from './sealed-secret.ts'

/** Where the root key comes from: at most one of `value` and `file`, else a file in the data folder. */
export type RootKeyOptions = {
  /** KMS_ROOT_KEY: base64 of 32 bytes. */
  value?: string | undefined
  /** KMS_ROOT_KEY_FILE: a file that holds it. */
  file?: string | undefined
  /** KMS_DATA_DIR. */
  dataDir: string
}

/** The root key, and the secret of the session cookies that it seals. */
export type OpenedRootKey = { rootKey: RootKey; authSecret: KeyMaterial }

/** Where the root key is kept unless told otherwise. */
export function defaultRootKeyFile(dataDir: string): string {
  return join(dataDir, 'root.key')
}

/**
 * Opens the root key and checks that it is the one which sealed this database.
 *
 * On a database that has never seen one, the given key is adopted, or a new one is made in the data folder. That
 * happens under a lock in the database and only if the database names no root key, so that two first starts cannot
 * make two keys, and a second machine without the file does not invent one. The file is durable before the first
 * sealed row is; a file that a crash left without its row is adopted by the next start.
 *
 * @throws {StartProblem} one sentence that says what to do.
 */
export async function openRootKey(options: RootKeyOptions, store: InstallationStore): Promise<OpenedRootKey> {
  if (options.value !== undefined && options.file !== undefined) {
    throw new StartProblem('KMS_ROOT_KEY and KMS_ROOT_KEY_FILE are both set: keep one of them.')
  }
  return store.whileLocked(async (row, insert) => {
    const given = await givenRootKey(options)
    if (row) return openInstallation(given ?? missing(options.dataDir, row.rootKeyId), row)
    const rootKey = given ?? (await makeRootKey(options.dataDir))
    const authSecret = KeyMaterial.random(32)
    await insert({ rootKeyId: rootKey.id, authSecretSealed: sealSecret(rootKey, 'auth secret', authSecret) })
    return { rootKey, authSecret }
  })
}

/** The root key that the options lead to; undefined if they leave it to the data folder and no file is there. */
async function givenRootKey({ value, file, dataDir }: RootKeyOptions): Promise<RootKey | undefined> {
  if (value !== undefined) {
    const rootKey = parseRootKey(value)
    if (rootKey) return rootKey
    throw new StartProblem(
      'KMS_ROOT_KEY is not base64 of 32 bytes: set it to the output of "openssl rand -base64 32".',
    )
  }
  if (file === undefined) return readRootKeyFile(defaultRootKeyFile(dataDir))
  const rootKey = await readRootKeyFile(file)
  if (rootKey) return rootKey
  throw new StartProblem(`KMS_ROOT_KEY_FILE names ${file}, which does not exist: put the root key there.`)
}

async function makeRootKey(dataDir: string): Promise<RootKey> {
  const rootKey = new RootKey(KeyMaterial.random(32))
  await writeRootKeyFile(defaultRootKeyFile(dataDir), rootKey)
  return rootKey
}

function openInstallation(
  rootKey: RootKey,
  row: { rootKeyId: Uint8Array; authSecretSealed: Uint8Array },
): OpenedRootKey {
  if (!rootKey.hasId(row.rootKeyId)) {
    throw new StartProblem(
      `This root key (id ${shortId(rootKey.id)}) is not the one that sealed this database (id ${shortId(row.rootKeyId)}): start with that key, or with the database that belongs to this one.`,
    )
  }
  try {
    return { rootKey, authSecret: openSecret(rootKey, 'auth secret', row.authSecretSealed) }
  } catch (error) {
    throw new StartProblem(
      'The session secret in the database was changed and does not open: restore the database from a backup.',
      { cause: error },
    )
  }
}

function missing(dataDir: string, rootKeyId: Uint8Array): never {
  throw new StartProblem(
    `The root key file ${defaultRootKeyFile(dataDir)} is missing, and this database was sealed with the root key of id ${shortId(rootKeyId)}: restore the file, or set KMS_ROOT_KEY or KMS_ROOT_KEY_FILE.`,
  )
}

/** Enough of an id to compare by eye. */
function shortId(id: Uint8Array): string {
  return Buffer.from(id).toString('hex').slice(0, 16)
}
