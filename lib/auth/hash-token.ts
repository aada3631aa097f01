import { createHash } from 'node:crypto'

/** How a session token is stored: SHA-256, hexadecimal. A token is random, so it needs neither salt nor stretching. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
