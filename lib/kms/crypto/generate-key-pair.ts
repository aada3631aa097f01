import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { type KeySpec, materialShape } from '#lib/kms/model/key-spec.ts'
import { checkKeyPair, type KeyPair } from './key-pair.ts'

const generate = promisify(generateKeyPair)

/**
 * Makes a key pair with OpenSSL's generator and checks it. RSA_4096 takes up to seconds of a core and a thread of
 * libuv's pool all that time, so call it only in the child process that is there for it (see `generateMaterial`).
 *
 * @throws {RangeError} for a spec without a private key.
 * @throws {UnsuitableKeyPair} if the pair does not fit together; it is not used then.
 */
export async function generateCheckedKeyPair(spec: KeySpec): Promise<KeyPair> {
  const made = await generatePrivateKey(spec)
  try {
    return await checkKeyPair(spec, made)
  } finally {
    made.fill(0)
  }
}

async function generatePrivateKey(spec: KeySpec): Promise<Buffer> {
  const shape = materialShape(spec)
  if (shape.type === 'secret') throw new RangeError(`${spec} has no private key`)
  const { privateKey } = await (() => {
    switch (shape.keyType) {
      case 'rsa':
        return generate('rsa', { modulusLength: shape.modulusBits, publicExponent: shape.publicExponent })
      case 'ec':
        return generate('ec', { namedCurve: shape.namedCurve })
      case 'ed25519':
        return generate('ed25519')
      case 'ml-dsa-44':
      case 'ml-dsa-65':
      case 'ml-dsa-87':
        return generate(shape.keyType)
    }
  })()
  return privateKey.export({ type: 'pkcs8', format: 'der' })
}
