/** The hashes that signatures are made over, by their OpenSSL names. */
export type SigningHash = 'sha256' | 'sha384' | 'sha512'

/**
 * How an algorithm of the API signs. `hash` null: the scheme hashes by itself and cannot take a digest that was
 * made elsewhere (Ed25519, RFC 8032 §5.1; ML-DSA in its pure form, FIPS 204 §5.2).
 */
export type SigningAlgorithm =
  | { scheme: 'rsa-pss' | 'rsa-pkcs1' | 'ecdsa'; hash: SigningHash }
  | { scheme: 'eddsa' | 'ml-dsa'; hash: null }

const algorithms: Readonly<Record<string, SigningAlgorithm>> = {
  RSASSA_PSS_SHA_256: { scheme: 'rsa-pss', hash: 'sha256' },
  RSASSA_PSS_SHA_384: { scheme: 'rsa-pss', hash: 'sha384' },
  RSASSA_PSS_SHA_512: { scheme: 'rsa-pss', hash: 'sha512' },
  RSASSA_PKCS1_V1_5_SHA_256: { scheme: 'rsa-pkcs1', hash: 'sha256' },
  RSASSA_PKCS1_V1_5_SHA_384: { scheme: 'rsa-pkcs1', hash: 'sha384' },
  RSASSA_PKCS1_V1_5_SHA_512: { scheme: 'rsa-pkcs1', hash: 'sha512' },
  ECDSA_SHA_256: { scheme: 'ecdsa', hash: 'sha256' },
  ECDSA_SHA_384: { scheme: 'ecdsa', hash: 'sha384' },
  ED25519_SHA_512: { scheme: 'eddsa', hash: null },
  ML_DSA_44: { scheme: 'ml-dsa', hash: null },
  ML_DSA_65: { scheme: 'ml-dsa', hash: null },
  ML_DSA_87: { scheme: 'ml-dsa', hash: null },
}

/** What a name of the API stands for (Huawei KMS, sign); undefined for any other text. */
export function signingAlgorithm(name: string): SigningAlgorithm | undefined {
  return Object.hasOwn(algorithms, name) ? algorithms[name] : undefined
}

/** Length of a hash's output in bytes. */
export const hashBytes = { sha256: 32, sha384: 48, sha512: 64 } as const satisfies Record<SigningHash, number>
