import type { KeyObject } from 'node:crypto'
import type { ECDSA } from '@noble/curves/abstract/weierstrass.js'
import { p256, p384 } from '@noble/curves/nist.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'

const curves: Readonly<Record<string, ECDSA>> = { prime256v1: p256, secp384r1: p384, secp256k1 }

/**
 * The digest is taken as it is, signatures are DER as everywhere in Keystead, and a high s is as valid as a low one:
 * Node and other implementations make both.
 */
const form = { prehash: false, lowS: false, format: 'der' } as const

/**
 * Signs a digest with ECDSA: Node would hash it once more. The nonce is derived from key and digest (RFC 6979).
 *
 * @param privateKey on P-256, P-384 or secp256k1
 */
export function signEcdsaDigest(privateKey: KeyObject, digest: Uint8Array): Buffer {
  const { d } = privateKey.export({ format: 'jwk' })
  const scalar = Buffer.from(d ?? '', 'base64url')
  const signature = curveOf(privateKey).sign(digest, scalar, form)
  scalar.fill(0)
  return Buffer.from(signature)
}

/** Whether the DER signature is this key's over the digest; anything malformed is not. */
export function verifyEcdsaDigest(publicKey: KeyObject, digest: Uint8Array, signature: Uint8Array): boolean {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const point = Buffer.concat([Buffer.of(0x04), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  return curveOf(publicKey).verify(signature, digest, point, form)
}

function curveOf(key: KeyObject): ECDSA {
  const curve = curves[key.asymmetricKeyDetails?.namedCurve ?? '']
  if (!curve) throw new RangeError('The key is not on a curve that signs here')
  return curve
}
