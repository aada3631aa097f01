import type { KeyObject } from 'node:crypto'

/**
 * Whether the numbers of an RSA private key fit each other (RFC 8017 §3.2, second representation). A signature does not
 * show it: OpenSSL computes with the primes and never looks at a wrong private exponent.
 */
export function isConsistentRsa(privateKey: KeyObject): boolean {
  const jwk = privateKey.export({ format: 'jwk' })
  const [n, e, d] = [number(jwk, 'n'), number(jwk, 'e'), number(jwk, 'd')]
  const [p, q] = [number(jwk, 'p'), number(jwk, 'q')]
  const [dp, dq, qi] = [number(jwk, 'dp'), number(jwk, 'dq'), number(jwk, 'qi')]
  if (p < 3n || q < 3n || p * q !== n) return false
  return (
    (e * d) % (p - 1n) === 1n &&
    (e * d) % (q - 1n) === 1n &&
    d % (p - 1n) === dp &&
    d % (q - 1n) === dq &&
    (qi * q) % p === 1n
  )
}

function number(jwk: JsonWebKey, name: 'n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi'): bigint {
  return BigInt(`0x0${Buffer.from(jwk[name] ?? '', 'base64url').toString('hex')}`)
}
