import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { promisify } from 'node:util'
import { type KeySpec, type MaterialShape, materialShape } from '#lib/kms/model/key-spec.ts'
import { isConsistentRsa } from './consistent-rsa.ts'

const signAsync = promisify<string | null, Uint8Array, KeyObject, Buffer>(sign)
const verifyAsync = promisify<string | null, Uint8Array, KeyObject, Uint8Array, boolean>(verify)

/** A key pair in the form in which Keystead keeps it: PKCS#8 DER and SubjectPublicKeyInfo DER. */
export type KeyPair = { privateKey: Buffer; publicKey: Buffer }

/** Thrown for a private key that is not usable as the spec says. The message names no value of the key. */
export class UnsuitableKeyPair extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'UnsuitableKeyPair'
  }
}

/**
 * Checks a private key against its spec (type, size or curve, public exponent), an RSA key also in itself, and signs and verifies once with it,
 * the pair-wise consistency test of FIPS 140-3 IG 10.3.A and SP 800-56B §6.4.1.1. Used on keys we make and on keys
 * that are imported.
 *
 * @param privateKey PKCS#8 DER
 * @returns the pair in the encodings that Node itself writes, so that one key always has the same bytes.
 * @throws {UnsuitableKeyPair}
 */
export async function checkKeyPair(spec: KeySpec, privateKey: Uint8Array): Promise<KeyPair> {
  const key = readPrivateKey(privateKey)
  requireShape(materialShape(spec), key)
  if (key.asymmetricKeyType === 'rsa' && !isConsistentRsa(key)) {
    throw new UnsuitableKeyPair('The numbers of the private key do not fit each other')
  }
  const publicKey = createPublicKey(key)
  await requirePair(key, publicKey)
  return {
    privateKey: key.export({ type: 'pkcs8', format: 'der' }),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
  }
}

function readPrivateKey(der: Uint8Array): KeyObject {
  try {
    return createPrivateKey({
      key: Buffer.from(der.buffer, der.byteOffset, der.byteLength),
      type: 'pkcs8',
      format: 'der',
    })
  } catch {
    throw new UnsuitableKeyPair('The private key is not PKCS#8 DER')
  }
}

function requireShape(shape: MaterialShape, key: KeyObject): void {
  if (shape.type === 'secret') throw new UnsuitableKeyPair('The spec has no private key')
  const details = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType !== shape.keyType)
    throw new UnsuitableKeyPair('The private key is of another type')
  if (shape.keyType === 'rsa' && details.modulusLength !== shape.modulusBits) {
    throw new UnsuitableKeyPair('The modulus of the private key has another size')
  }
  if (shape.keyType === 'rsa' && details.publicExponent !== BigInt(shape.publicExponent)) {
    throw new UnsuitableKeyPair('The public exponent is not 65537')
  }
  if (shape.keyType === 'ec' && details.namedCurve !== shape.namedCurve) {
    throw new UnsuitableKeyPair('The private key is on another curve')
  }
}

/** Signs and verifies once, in libuv's thread pool: on P-521 that takes 4.6 ms. @throws {UnsuitableKeyPair} */
export async function requirePair(privateKey: KeyObject, publicKey: KeyObject): Promise<void> {
  const message = Buffer.from('keystead pair test')
  // Ed25519 and ML-DSA hash by themselves and take no digest name.
  const digest = ['rsa', 'ec'].includes(privateKey.asymmetricKeyType ?? '') ? 'sha256' : null
  try {
    if (await verifyAsync(digest, message, publicKey, await signAsync(digest, message, privateKey))) return
  } catch {
    // OpenSSL refuses some broken keys by itself; the answer is the same.
  }
  throw new UnsuitableKeyPair('The private key does not fit its public key')
}
