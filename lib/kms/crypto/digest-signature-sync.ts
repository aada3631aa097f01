import {
  constants,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { digestInfo } from './digest-info.ts'
import { signEcdsaDigest, verifyEcdsaDigest } from './ecdsa-digest.ts'
import { encodePss, isPssEncoding } from './emsa-pss.ts'
import { hashBytes, type SigningAlgorithm } from './signing-algorithm.ts'

/** An algorithm that can sign a digest that was made elsewhere. */
export type DigestAlgorithm = Extract<SigningAlgorithm, { hash: string }>

/**
 * Signs a digest as it is; `sign` of Node would hash it again. The result is the same as signing the message whose
 * digest it is.
 *
 * @param privateKey a key that fits the algorithm
 * @param digest exactly `hashBytes[algorithm.hash]` long
 */
export function signDigestSync(
  { scheme, hash }: DigestAlgorithm,
  privateKey: KeyObject,
  digest: Uint8Array,
): Buffer {
  switch (scheme) {
    case 'rsa-pkcs1':
      return privateEncrypt(
        { key: privateKey, padding: constants.RSA_PKCS1_PADDING },
        digestInfo(hash, digest),
      )
    case 'rsa-pss': {
      const salt = randomBytes(hashBytes[hash])
      const encoded = encodePss(hash, digest, salt, modulusBits(privateKey))
      return privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, encoded)
    }
    case 'ecdsa':
      return signEcdsaDigest(privateKey, digest)
  }
}

/** Whether the signature is this key's over the digest; anything malformed is not. */
export function verifyDigestSync(
  { scheme, hash }: DigestAlgorithm,
  publicKey: KeyObject,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  switch (scheme) {
    case 'rsa-pkcs1': {
      // The padding is checked in full by OpenSSL, so equality of the rest is equality of the whole encoding.
      const signed = recovered(publicKey, constants.RSA_PKCS1_PADDING, signature)
      const wanted = digestInfo(hash, digest)
      return signed?.byteLength === wanted.byteLength && timingSafeEqual(signed, wanted)
    }
    case 'rsa-pss': {
      const encoded = recovered(publicKey, constants.RSA_NO_PADDING, signature)
      return encoded !== undefined && isPssEncoding(hash, digest, encoded, modulusBits(publicKey))
    }
    case 'ecdsa':
      return verifyEcdsaDigest(publicKey, digest, signature)
  }
}

/** What an RSA signature was made of; undefined if it is none: of another length, not below the modulus, badly padded. */
function recovered(publicKey: KeyObject, padding: number, signature: Uint8Array): Buffer | undefined {
  if (signature.byteLength !== modulusBits(publicKey) / 8) return undefined
  try {
    return publicDecrypt({ key: publicKey, padding }, signature)
  } catch {
    return undefined
  }
}

function modulusBits(key: KeyObject): number {
  const { modulusLength } = key.asymmetricKeyDetails ?? {}
  if (modulusLength === undefined) throw new RangeError('The key is not an RSA key')
  return modulusLength
}
