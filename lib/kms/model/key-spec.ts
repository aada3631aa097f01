/**
 * The key specs: what each kind of key is made of and what it may be used for. This is the one table that the
 * form, the verbs, the endpoint and the generation of material read; it is pure data and may be imported in the
 * browser.
 *
 * Sources: Huawei KMS, "Key algorithms supported" and "Create key" (names, usages, default usage first); FIPS 204 §4
 * (the ML-DSA parameter sets and their security categories). The pairing of curves and hashes for ECDSA and the
 * lengths of HMAC keys (as long as the output of the hash, RFC 2104 §3) are ours: the product documents neither.
 * SM2 and Ed25519ph are not offered: Node can do neither correctly.
 */

/** What a key may be used for; fixed for its life. */
export type KeyUsage = 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY' | 'GENERATE_VERIFY_MAC'

export type KeyKind = 'symmetric' | 'mac' | 'asymmetric'

/**
 * What the material is.
 * - `secret`: that many random bytes. `cipher` or `hash` is the OpenSSL name of what it is used with.
 * - `private-key`: a PKCS#8 DER private key with its SPKI DER public key. `keyType` and `namedCurve` are the values
 *   of Node's `asymmetricKeyType` and `asymmetricKeyDetails.namedCurve`.
 */
export type MaterialShape =
  | { type: 'secret'; bytes: number; cipher: 'aes-256-gcm' | 'sm4-gcm' }
  | { type: 'secret'; bytes: number; hash: 'sha256' | 'sha384' | 'sha512' | 'sm3' }
  | { type: 'private-key'; keyType: 'rsa'; modulusBits: 2048 | 3072 | 4096; publicExponent: 65537 }
  | { type: 'private-key'; keyType: 'ec'; namedCurve: 'prime256v1' | 'secp384r1' | 'secp256k1' }
  | { type: 'private-key'; keyType: 'ed25519' | 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87' }

type KeySpecEntry = {
  kind: KeyKind
  /** What the console shows. */
  label: string
  /** One line for the person who chooses. */
  description: string
  /** A quiet remark beside the choice, with who says so. */
  note?: string
  /** The default first. */
  usages: readonly [KeyUsage, ...KeyUsage[]]
  /** The algorithm names of the API for each usage the spec has. */
  algorithms: Readonly<Partial<Record<KeyUsage, readonly string[]>>>
  /** Whether the key may be created with external material. */
  importable: boolean
  /** Whether material may be rotated by the clock (KMS material only). */
  rotatable: boolean
  material: MaterialShape
}

const symmetric = {
  kind: 'symmetric',
  usages: ['ENCRYPT_DECRYPT'],
  algorithms: { ENCRYPT_DECRYPT: ['SYMMETRIC_DEFAULT'] },
  importable: true,
  rotatable: true,
} as const

const mac = { kind: 'mac', usages: ['GENERATE_VERIFY_MAC'], importable: false, rotatable: false } as const

const rsa = {
  kind: 'asymmetric',
  usages: ['SIGN_VERIFY', 'ENCRYPT_DECRYPT'],
  algorithms: {
    SIGN_VERIFY: [
      'RSASSA_PSS_SHA_256',
      'RSASSA_PSS_SHA_384',
      'RSASSA_PSS_SHA_512',
      'RSASSA_PKCS1_V1_5_SHA_256',
      'RSASSA_PKCS1_V1_5_SHA_384',
      'RSASSA_PKCS1_V1_5_SHA_512',
    ],
    ENCRYPT_DECRYPT: ['RSAES_OAEP_SHA_256'],
  },
  importable: true,
  rotatable: false,
} as const

const signing = { kind: 'asymmetric', usages: ['SIGN_VERIFY'], rotatable: false } as const

/** Every key spec, in the order in which the form offers them. */
export const keySpecs = {
  AES_256: {
    ...symmetric,
    label: 'AES_256',
    description: 'Symmetric, 256 bits, AES-GCM',
    material: { type: 'secret', bytes: 32, cipher: 'aes-256-gcm' },
  },
  SM4: {
    ...symmetric,
    label: 'SM4',
    description: 'Symmetric, 128 bits, SM4-GCM',
    material: { type: 'secret', bytes: 16, cipher: 'sm4-gcm' },
  },
  HMAC_256: {
    ...mac,
    label: 'HMAC_256',
    description: 'Message authentication, HMAC with SHA-256',
    algorithms: { GENERATE_VERIFY_MAC: ['HMAC_SHA_256'] },
    material: { type: 'secret', bytes: 32, hash: 'sha256' },
  },
  HMAC_384: {
    ...mac,
    label: 'HMAC_384',
    description: 'Message authentication, HMAC with SHA-384',
    algorithms: { GENERATE_VERIFY_MAC: ['HMAC_SHA_384'] },
    material: { type: 'secret', bytes: 48, hash: 'sha384' },
  },
  HMAC_512: {
    ...mac,
    label: 'HMAC_512',
    description: 'Message authentication, HMAC with SHA-512',
    algorithms: { GENERATE_VERIFY_MAC: ['HMAC_SHA_512'] },
    material: { type: 'secret', bytes: 64, hash: 'sha512' },
  },
  HMAC_SM3: {
    ...mac,
    label: 'HMAC_SM3',
    description: 'Message authentication, HMAC with SM3',
    algorithms: { GENERATE_VERIFY_MAC: ['HMAC_SM3'] },
    material: { type: 'secret', bytes: 32, hash: 'sm3' },
  },
  RSA_2048: {
    ...rsa,
    label: 'RSA_2048',
    description: 'Asymmetric, RSA with 2,048 bits',
    note: '3072 bits is today’s floor: BSI TR-02102-1 asks for 3,000 or more, and NIST SP 800-57 ends 2,048 in 2030.',
    material: { type: 'private-key', keyType: 'rsa', modulusBits: 2048, publicExponent: 65537 },
  },
  RSA_3072: {
    ...rsa,
    label: 'RSA_3072',
    description: 'Asymmetric, RSA with 3,072 bits',
    material: { type: 'private-key', keyType: 'rsa', modulusBits: 3072, publicExponent: 65537 },
  },
  RSA_4096: {
    ...rsa,
    label: 'RSA_4096',
    description: 'Asymmetric, RSA with 4,096 bits',
    material: { type: 'private-key', keyType: 'rsa', modulusBits: 4096, publicExponent: 65537 },
  },
  EC_P256: {
    ...signing,
    label: 'EC_P256',
    description: 'Asymmetric, NIST curve P-256',
    algorithms: { SIGN_VERIFY: ['ECDSA_SHA_256'] },
    importable: true,
    material: { type: 'private-key', keyType: 'ec', namedCurve: 'prime256v1' },
  },
  EC_P384: {
    ...signing,
    label: 'EC_P384',
    description: 'Asymmetric, NIST curve P-384',
    algorithms: { SIGN_VERIFY: ['ECDSA_SHA_384'] },
    importable: true,
    material: { type: 'private-key', keyType: 'ec', namedCurve: 'secp384r1' },
  },
  SECP256K1: {
    ...signing,
    label: 'SECP256K1',
    description: 'Asymmetric, the curve of Bitcoin and Ethereum',
    algorithms: { SIGN_VERIFY: ['ECDSA_SHA_256'] },
    importable: true,
    material: { type: 'private-key', keyType: 'ec', namedCurve: 'secp256k1' },
  },
  ED25519: {
    ...signing,
    label: 'ED25519',
    description: 'Asymmetric, Edwards curve 25519 (pure)',
    algorithms: { SIGN_VERIFY: ['ED25519_SHA_512'] },
    importable: true,
    material: { type: 'private-key', keyType: 'ed25519' },
  },
  // The product documents no import for ML-DSA, and its PKCS#8 form (seed, expanded or both) is not settled in the field.
  ML_DSA_44: {
    ...signing,
    label: 'ML_DSA_44',
    description: 'Asymmetric, post-quantum, category 2',
    algorithms: { SIGN_VERIFY: ['ML_DSA_44'] },
    importable: false,
    material: { type: 'private-key', keyType: 'ml-dsa-44' },
  },
  ML_DSA_65: {
    ...signing,
    label: 'ML_DSA_65',
    description: 'Asymmetric, post-quantum, category 3',
    algorithms: { SIGN_VERIFY: ['ML_DSA_65'] },
    importable: false,
    material: { type: 'private-key', keyType: 'ml-dsa-65' },
  },
  ML_DSA_87: {
    ...signing,
    label: 'ML_DSA_87',
    description: 'Asymmetric, post-quantum, category 5',
    algorithms: { SIGN_VERIFY: ['ML_DSA_87'] },
    importable: false,
    material: { type: 'private-key', keyType: 'ml-dsa-87' },
  },
} as const satisfies Record<string, KeySpecEntry>

export type KeySpec = keyof typeof keySpecs

/** Every spec name, in the order of the form; a tuple that is never empty, as `z.enum` wants it. */
export const keySpecNames = Object.keys(keySpecs) as [KeySpec, ...KeySpec[]]

/** Whether the text is the exact name of a spec (names of inherited properties are not). */
export function isKeySpec(value: unknown): value is KeySpec {
  return typeof value === 'string' && Object.hasOwn(keySpecs, value)
}

/** The usages a key of this spec may be created with, the default first. */
export function usagesOf(spec: KeySpec): readonly KeyUsage[] {
  return keySpecs[spec].usages
}

/** The usage a key gets when none is named. */
export function defaultUsage(spec: KeySpec): KeyUsage {
  return keySpecs[spec].usages[0]
}

/** Whether a key of this spec may have this usage. */
export function allowsUsage(spec: KeySpec, usage: KeyUsage): boolean {
  return usagesOf(spec).includes(usage)
}

/** The algorithm names of the API for a key of this spec and usage; empty when the spec lacks the usage. */
export function algorithmsOf(spec: KeySpec, usage: KeyUsage): readonly string[] {
  const { algorithms }: KeySpecEntry = keySpecs[spec]
  return algorithms[usage] ?? []
}

/** The shape of the material, widened so that it can be narrowed on `type` and `keyType`. */
export function materialShape(spec: KeySpec): MaterialShape {
  return keySpecs[spec].material
}

/** The quiet remark beside the choice, when there is one. */
export function noteOf(spec: KeySpec): string | undefined {
  const { note }: KeySpecEntry = keySpecs[spec]
  return note
}
