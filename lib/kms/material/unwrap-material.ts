import type { KeyObject } from 'node:crypto'
import { DecryptionFailed } from '../crypto/decryption-failed.ts'
import { KeyMaterial } from '../crypto/key-material.ts'
import { checkKeyPair, UnsuitableKeyPair } from '../crypto/key-pair.ts'
import { unwrapPadded } from '../crypto/key-wrap.ts'
import { decryptOaep } from '../crypto/oaep.ts'
import { privateKeyOf } from '../crypto/private-key.ts'
import { KmsError } from '../model/errors.ts'
import { type KeySpec, materialShape } from '../model/key-spec.ts'
import type { NewMaterial } from './material-versions.ts'

/** What an import brings, as it was wrapped by its owner. */
export type WrappedMaterial = {
  /** RSAES-OAEP with SHA-256: symmetric material, or the temporary key of a private key. */
  wrappedMaterial: Uint8Array
  /** PKCS#8 DER under the temporary key: AES key wrap with padding, RFC 5649. */
  wrappedPrivateKey?: Uint8Array | undefined
}

/** Of an asymmetric import: AES-256. */
const temporaryKeyBytes = 32

/**
 * Unwraps imported material and checks that it is what the spec wants (Huawei KMS, importing key material). The caller
 * disposes of the answer.
 *
 * @throws {KmsError} privateKeyDecryptionFailed, whatever cannot be unwrapped; materialLengthInvalid,
 *   temporaryKeyInvalid, privateKeyInvalid
 */
export async function unwrapMaterial(
  spec: KeySpec,
  wrappingKey: KeyMaterial,
  wrapped: WrappedMaterial,
): Promise<NewMaterial> {
  const shape = materialShape(spec)
  using unwrapped = await unwrap(privateKeyOf(wrappingKey), wrapped.wrappedMaterial)
  if (shape.type === 'secret') {
    if (unwrapped.length !== shape.bytes) throw new KmsError('materialLengthInvalid')
    return { material: KeyMaterial.take(Buffer.from(unwrapped.reveal())), publicKey: null }
  }
  if (unwrapped.length !== temporaryKeyBytes) throw new KmsError('temporaryKeyInvalid')
  using privateKey = unwrapPrivateKey(unwrapped, wrapped.wrappedPrivateKey ?? new Uint8Array())
  try {
    const pair = await checkKeyPair(spec, privateKey.reveal())
    return { material: KeyMaterial.take(pair.privateKey), publicKey: pair.publicKey }
  } catch (error) {
    if (error instanceof UnsuitableKeyPair) throw new KmsError('privateKeyInvalid')
    throw error
  }
}

async function unwrap(wrappingKey: KeyObject, wrapped: Uint8Array): Promise<KeyMaterial> {
  try {
    return KeyMaterial.take(await decryptOaep(wrappingKey, 'sha256', wrapped, new Uint8Array()))
  } catch (error) {
    throw asRefusal(error)
  }
}

function unwrapPrivateKey(temporaryKey: KeyMaterial, wrapped: Uint8Array): KeyMaterial {
  try {
    return KeyMaterial.take(unwrapPadded(temporaryKey.reveal(), wrapped))
  } catch (error) {
    throw asRefusal(error)
  }
}

function asRefusal(error: unknown): unknown {
  return error instanceof DecryptionFailed ? new KmsError('privateKeyDecryptionFailed') : error
}
