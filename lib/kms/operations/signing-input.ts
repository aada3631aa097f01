import { hashBytes, type SigningAlgorithm, signingAlgorithm } from '../crypto/signing-algorithm.ts'
import { KmsError } from '../model/errors.ts'
import { algorithmsOf, type KeySpec } from '../model/key-spec.ts'

export type SigningInput = {
  projectId: string
  /** Id, alias or URN. */
  keyId: string
  /** 1 to 4,095 bytes: the message, or its digest. */
  message: Uint8Array
  messageType: 'RAW' | 'DIGEST'
  /** A name of the API, such as ECDSA_SHA_256. */
  algorithm: string
}

const messageBytesMax = 4095

/** @throws {KmsError} invalidInput */
export function requireMessage(message: Uint8Array, max: number = messageBytesMax): void {
  if (message.byteLength === 0 || message.byteLength > max) {
    throw new KmsError('invalidInput', {
      field: 'message',
      message: `message must be 1 to ${max} bytes.`,
    })
  }
}

/** An algorithm that fits the key, and the digest when one was given. */
export type CheckedSigning =
  | { messageType: 'RAW'; algorithm: SigningAlgorithm }
  | { messageType: 'DIGEST'; algorithm: Extract<SigningAlgorithm, { hash: string }> }

/**
 * Checks algorithm and digest against the key. Ed25519 and ML-DSA sign messages only: neither takes the digest of
 * another hash.
 *
 * @throws {KmsError} algorithmNotForKey, digestLengthInvalid (Huawei KMS, error codes 0332 and 0329)
 */
export function checkSigning(spec: KeySpec, input: SigningInput): CheckedSigning {
  const algorithm = signingAlgorithm(input.algorithm)
  if (!algorithm || !algorithmsOf(spec, 'SIGN_VERIFY').includes(input.algorithm)) {
    throw new KmsError('algorithmNotForKey', { field: 'signing_algorithm' })
  }
  if (input.messageType === 'RAW') return { messageType: 'RAW', algorithm }
  if (algorithm.hash === null) {
    throw new KmsError('algorithmNotForKey', {
      field: 'message_type',
      message: `${input.algorithm} signs messages only: message_type must be RAW.`,
    })
  }
  if (input.message.byteLength !== hashBytes[algorithm.hash]) {
    throw new KmsError('digestLengthInvalid', { field: 'message' })
  }
  return { messageType: 'DIGEST', algorithm }
}
