import { createHash, randomBytes } from 'node:crypto'

/** The secret of a one-time link and what of it is stored. */
export type OneTimeToken = {
  /** 43 characters, for the fragment of an address: fragments are not sent and reach no log. */
  token: string
  hash: Uint8Array<ArrayBuffer>
}

export function newOneTimeToken(): OneTimeToken {
  const token = randomBytes(32).toString('base64url')
  return { token, hash: oneTimeTokenHash(token) }
}

/** SHA-256: the token is random, so a plain hash hides it. */
export function oneTimeTokenHash(token: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(createHash('sha256').update(token).digest())
}
