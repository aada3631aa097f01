import type { KeyObject } from 'node:crypto'
import { asymmetricCost } from './asymmetric-cost.ts'
import { offLoop } from './asymmetric-work.ts'
import { type DigestAlgorithm, verifyDigestSync } from './digest-signature-sync.ts'

/**
 * Signs a digest as it is, in a worker thread: Node has no asynchronous form of it (`sign` hashes again,
 * `privateEncrypt` blocks), and ECDSA is JavaScript.
 *
 * @param privateKey a key that fits the algorithm
 * @param digest exactly `hashBytes[algorithm.hash]` long
 * @throws {KmsError} `busy`, see `offLoop`
 */
export async function signDigest(
  algorithm: DigestAlgorithm,
  privateKey: KeyObject,
  digest: Uint8Array,
): Promise<Buffer> {
  const signature = await offLoop(asymmetricCost('sign digest', privateKey), (pool) =>
    pool.run({ kind: 'sign', algorithm, privateKey, digest: Uint8Array.from(digest) }),
  )
  if (typeof signature === 'boolean') throw new TypeError('A signature was awaited')
  return Buffer.from(signature.buffer, signature.byteOffset, signature.byteLength)
}

/**
 * Whether the signature is this key's over the digest; anything malformed is not. RSA is verified here: its public
 * operation costs about what the way to a worker thread and back does.
 *
 * @throws {KmsError} `busy`, see `offLoop`
 */
export async function verifyDigest(
  algorithm: DigestAlgorithm,
  publicKey: KeyObject,
  digest: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (algorithm.scheme !== 'ecdsa') return verifyDigestSync(algorithm, publicKey, digest, signature)
  const valid = await offLoop(asymmetricCost('verify digest', publicKey), (pool) =>
    pool.run({
      kind: 'verify',
      algorithm,
      publicKey,
      digest: Uint8Array.from(digest),
      signature: Uint8Array.from(signature),
    }),
  )
  return valid === true
}
