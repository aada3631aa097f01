import { randomBytes } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'

/** The random passwords of the embedded database's two roles. */
export type Passwords = { superuser: string; owner: string }

const fileIn = (dataDir: string): string => join(dataDir, 'database-passwords.json')

/** Reads them; null when the embedded database was never made. */
export async function readPasswords(dataDir: string): Promise<Passwords | null> {
  const text = await readFile(fileIn(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  return text === null ? null : (JSON.parse(text) as Passwords)
}

/** Reads them, or draws them and writes them down (mode 0600) before the database that uses them is made. */
export async function passwordsFor(dataDir: string): Promise<Passwords> {
  const existing = await readPasswords(dataDir)
  if (existing) return existing
  const passwords = { superuser: randomBytes(24).toString('hex'), owner: randomBytes(24).toString('hex') }
  const draft = await open(`${fileIn(dataDir)}.new`, 'w', 0o600)
  await draft.writeFile(JSON.stringify(passwords))
  await draft.sync()
  await draft.close()
  await rename(`${fileIn(dataDir)}.new`, fileIn(dataDir))
  return passwords
}
