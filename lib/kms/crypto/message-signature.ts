import { constants, type KeyObject, sign, verify } from 'node:crypto'
import { promisify } from 'node:util'
import { asymmetricCost } from './asymmetric-cost.ts'
import { offLoop } from './asymmetric-work.ts'
import type { SigningAlgorithm } from './signing-algorithm.ts'

const signAsync = promisify<string | null, Uint8Array, Parameters<typeof sign>[2], Buffer>(sign)
const verifyAsync = promisify<string | null, Uint8Array, Parameters<typeof verify>[2], Uint8Array, boolean>(
  verify,
)

/**
 * Signs a message in libuv's thread pool. ECDSA signatures are DER (SEC 1 §C.8), PSS salts as long as the hash.
 *
 * @param privateKey a key that fits the algorithm
 * @throws {KmsError} `busy`, see `offLoop`
 */
export function signMessage(
  algorithm: SigningAlgorithm,
  privateKey: KeyObject,
  message: Uint8Array,
): Promise<Buffer> {
  const key = { key: privateKey, ...paddingOf(algorithm) }
  return offLoop(asymmetricCost('sign', privateKey), () => signAsync(algorithm.hash, message, key))
}

/**
 * Whether the signature is this key's over the message; anything malformed is not.
 *
 * @throws {KmsError} `busy`, see `offLoop`
 */
export async function verifyMessage(
  algorithm: SigningAlgorithm,
  publicKey: KeyObject,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  // OpenSSL takes a PSS signature for a number, so one that begins with a zero byte would pass without it.
  const { modulusLength } = publicKey.asymmetricKeyDetails ?? {}
  if (modulusLength !== undefined && signature.byteLength !== modulusLength / 8) return false
  const key = { key: publicKey, ...paddingOf(algorithm) }
  return offLoop(asymmetricCost('verify', publicKey), () =>
    verifyAsync(algorithm.hash, message, key, signature),
  )
}

function paddingOf({ scheme }: SigningAlgorithm): { padding?: number; saltLength?: number } {
  switch (scheme) {
    case 'rsa-pss':
      return {
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      }
    case 'rsa-pkcs1':
      return { padding: constants.RSA_PKCS1_PADDING }
    default:
      return {}
  }
}
