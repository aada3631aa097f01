import { KmsError } from '../model/errors.ts'
import { type KeySpec, keySpecs } from '../model/key-spec.ts'

/** The algorithm of every symmetric key, and the one that is meant when none is named. */
export const symmetricDefault = 'SYMMETRIC_DEFAULT'

/** The algorithm of RSA keys. */
export const rsaDefault = 'RSAES_OAEP_SHA_256'

/** Only re-encrypt still takes it (Huawei KMS, re-encrypt). */
export const rsaWithSha1 = 'RSAES_OAEP_SHA_1'

/** The algorithm under which Keystead itself wraps something with the key. */
export function defaultAlgorithm(spec: KeySpec): string {
  return keySpecs[spec].kind === 'symmetric' ? symmetricDefault : rsaDefault
}

/**
 * Checks the algorithm a caller named against the key.
 *
 * @param named absent: SYMMETRIC_DEFAULT, so that an asymmetric key must have its algorithm named
 * @param allowed for RSA keys
 * @throws {KmsError} algorithmNotForSymmetric, algorithmNotForRsa (Huawei KMS, error codes 2105 and 2106)
 */
export function encryptionAlgorithm(
  spec: KeySpec,
  named: string = symmetricDefault,
  allowed: readonly string[] = [rsaDefault],
): string {
  if (keySpecs[spec].kind === 'symmetric') {
    if (named !== symmetricDefault) throw new KmsError('algorithmNotForSymmetric')
  } else if (!allowed.includes(named)) throw new KmsError('algorithmNotForRsa')
  return named
}
