import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { offLoop } from './asymmetric-work.ts'
import { type KeyPair, requirePair } from './key-pair.ts'

const generate = promisify(generateKeyPair)

/** To make one, sign and verify; in milliseconds. */
const p521PairCost = 6

/**
 * A P-521 key pair, which no key of Keystead is but a data key pair can be. It takes milliseconds, not seconds, so this
 * needs no process of its own.
 *
 * @throws {KmsError} `busy`, see `offLoop`
 * @throws {UnsuitableKeyPair} if the pair does not fit together; it is not used then
 */
export async function generateP521Pair(): Promise<KeyPair> {
  const { privateKey, publicKey } = await offLoop(p521PairCost, makeChecked)
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
  }
}

async function makeChecked(): Promise<{ privateKey: KeyObject; publicKey: KeyObject }> {
  const pair: { privateKey: KeyObject; publicKey: KeyObject } = await generate('ec', {
    namedCurve: 'secp521r1',
  })
  await requirePair(pair.privateKey, pair.publicKey)
  return pair
}
