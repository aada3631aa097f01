import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { KeyPair } from './key-pair.ts'
import { requirePair } from './key-pair.ts'

const generate = promisify(generateKeyPair)

/**
 * A P-521 key pair, which no key of Keystead is but a data key pair can be. Curves take a millisecond, so this needs no
 * process of its own.
 *
 * @throws {UnsuitableKeyPair} if the pair does not fit together; it is not used then
 */
export async function generateP521Pair(): Promise<KeyPair> {
  const { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject } = await generate('ec', {
    namedCurve: 'secp521r1',
  })
  requirePair(privateKey, publicKey)
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
  }
}
