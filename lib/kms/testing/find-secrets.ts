import { createPrivateKey } from 'node:crypto'

/** A secret of fewer bytes is found by chance too often. */
const shortest = 16

/**
 * The parts of key material that give it away: symmetric material as a whole; of a private key also each secret number,
 * since a leak need not have the form in which the key is kept.
 */
export function secretParts(material: Buffer): Buffer[] {
  return [material, ...numbersOf(material)].filter((part) => part.length >= shortest)
}

/** JWK names of private numbers: RFC 7518 §6.2.2 and §6.3.2, RFC 8037 §2, and `priv` of ML-DSA. */
const privateNames = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'priv'] as const

function numbersOf(material: Buffer): Buffer[] {
  try {
    const key = createPrivateKey({ key: material, format: 'der', type: 'pkcs8' })
    const jwk = key.export({ format: 'jwk' }) as Record<string, unknown>
    return privateNames.flatMap((name) =>
      typeof jwk[name] === 'string' ? [Buffer.from(jwk[name], 'base64url')] : [],
    )
  } catch {
    return []
  }
}

/** The beginning of a secret as it may be written: raw, hexadecimal, or base64 at any of its three alignments. */
function writings(secret: Buffer): Buffer[] {
  const start = secret.subarray(0, 32)
  const hex = start.toString('hex')
  const aligned = [0, 1, 2].map((shift) => {
    const length = start.length - shift - ((start.length - shift) % 3)
    return start.subarray(shift, shift + length)
  })
  const texts = [
    hex,
    hex.toUpperCase(),
    ...aligned.map((bytes) => bytes.toString('base64')),
    ...aligned.map((bytes) => bytes.toString('base64url')),
    JSON.stringify([...start]).slice(1, -1),
  ]
  return [start, ...texts.map((text) => Buffer.from(text))]
}

/** Numbers (from 0) of the secrets that stand in `haystack` in any writing, hexadecimal text in it read as bytes too. */
export function findSecrets(haystack: string | Buffer, secrets: readonly Buffer[]): number[] {
  const bytes = Buffer.from(haystack)
  const decoded = bytes
    .toString('latin1')
    .match(/\\\\?x[0-9a-f]{32,}/g)
    ?.map((literal) => Buffer.from(literal.replace(/^\\\\?x/, ''), 'hex'))
  const places = [bytes, Buffer.concat(decoded ?? [])]
  return secrets.flatMap((secret, index) =>
    writings(secret).some((writing) => places.some((place) => place.includes(writing))) ? [index] : [],
  )
}
