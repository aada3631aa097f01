import type { ErrorCode } from './errors.ts'
import { type KeySpec, type KeyUsage, keySpecs } from './key-spec.ts'
import type { Action } from './permissions.ts'

/** Operations that a grant can carry (Huawei KMS, create-grant). */
export const grantOperations = [
  'create-datakey',
  'create-datakey-without-plaintext',
  'encrypt-datakey',
  'decrypt-datakey',
  'describe-key',
  'create-grant',
  'retire-grant',
  'encrypt-data',
  'decrypt-data',
] as const

export type GrantOperation = (typeof grantOperations)[number]

type Use = {
  action: Action
  /** The operation of a grant that allows it; null: no grant does. */
  grant: GrantOperation | null
  /** Name of the data event (Huawei KMS, audit events; those it does not list are named after the API). */
  event: string
  /** What the key must be for; `asymmetric`: for anything that has a public key; `none`: no key is used. */
  usage: KeyUsage | 'asymmetric' | 'none'
  /** Whether the key must be symmetric: what is wrapped is longer than RSA can hold. */
  symmetricOnly?: true
}

/**
 * What services do with a key: the right it needs, the grant that stands in for the right, the name of its data event
 * and the usage the key must have. Source: Huawei KMS, actions per API; grants; audit events.
 */
export const keyUses = {
  encryptData: {
    action: 'kms:cmk:crypto',
    grant: 'encrypt-data',
    event: 'encryptData',
    usage: 'ENCRYPT_DECRYPT',
  },
  decryptData: {
    action: 'kms:cmk:crypto',
    grant: 'decrypt-data',
    event: 'decryptData',
    usage: 'ENCRYPT_DECRYPT',
  },
  createDataKey: {
    action: 'kms:dek:create',
    grant: 'create-datakey',
    event: 'createDataKey',
    usage: 'ENCRYPT_DECRYPT',
  },
  createDataKeyWithoutPlaintext: {
    action: 'kms:dek:create',
    grant: 'create-datakey-without-plaintext',
    event: 'createDataKeyWithoutPlaintext',
    usage: 'ENCRYPT_DECRYPT',
  },
  encryptDataKey: {
    action: 'kms:dek:crypto',
    grant: 'encrypt-datakey',
    event: 'encryptDatakey',
    usage: 'ENCRYPT_DECRYPT',
  },
  decryptDataKey: {
    action: 'kms:dek:crypto',
    grant: 'decrypt-datakey',
    event: 'decryptDatakey',
    usage: 'ENCRYPT_DECRYPT',
  },
  createDataKeyPair: {
    action: 'kms:dek:create',
    grant: null,
    event: 'createDataKeyPair',
    usage: 'ENCRYPT_DECRYPT',
    symmetricOnly: true,
  },
  sign: { action: 'kms:cmk:sign', grant: null, event: 'sign', usage: 'SIGN_VERIFY' },
  verify: { action: 'kms:cmk:verify', grant: null, event: 'verify', usage: 'SIGN_VERIFY' },
  generateMac: {
    action: 'kms:cmk:generateMac',
    grant: null,
    event: 'generateMac',
    usage: 'GENERATE_VERIFY_MAC',
  },
  verifyMac: { action: 'kms:cmk:verifyMac', grant: null, event: 'verifyMac', usage: 'GENERATE_VERIFY_MAC' },
  // Re-encrypting uses two keys, and needs for each what decrypting and encrypting need; its data event is its own.
  reEncryptFrom: {
    action: 'kms:cmk:crypto',
    grant: 'decrypt-data',
    event: 'reEncrypt',
    usage: 'ENCRYPT_DECRYPT',
  },
  reEncryptTo: {
    action: 'kms:cmk:crypto',
    grant: 'encrypt-data',
    event: 'reEncrypt',
    usage: 'ENCRYPT_DECRYPT',
  },
  reEncryptDataKeyFrom: {
    action: 'kms:dek:crypto',
    grant: 'decrypt-datakey',
    event: 'reEncrypt',
    usage: 'ENCRYPT_DECRYPT',
  },
  reEncryptDataKeyTo: {
    action: 'kms:dek:crypto',
    grant: 'encrypt-datakey',
    event: 'reEncrypt',
    usage: 'ENCRYPT_DECRYPT',
  },
  getPublicKey: {
    action: 'kms:cmk:getPublicKey',
    grant: null,
    event: 'getPublicKey',
    usage: 'asymmetric',
  },
  generateRandom: { action: 'kms:cmk:generate', grant: null, event: 'genRandom', usage: 'none' },
} as const satisfies Record<string, Use>

export type KeyUse = keyof typeof keyUses

/** Why a key of this spec and usage cannot be put to a use, or null (Huawei KMS, error codes 0325 to 0341). */
export function refusalOfUse(use: KeyUse, key: { spec: KeySpec; usage: KeyUsage }): ErrorCode | null {
  const { usage: wanted, symmetricOnly }: Use = keyUses[use]
  const kind = keySpecs[key.spec].kind
  if (key.usage === wanted) return symmetricOnly && kind !== 'symmetric' ? 'notForAsymmetric' : null
  if (wanted === 'none' || (wanted === 'asymmetric' && kind === 'asymmetric')) return null
  if (kind === 'mac') return 'notForHmac'
  if (wanted === 'GENERATE_VERIFY_MAC') return kind === 'symmetric' ? 'notForSymmetric' : 'notForAsymmetric'
  if (kind === 'symmetric') return 'notForSymmetric'
  return wanted === 'SIGN_VERIFY' ? 'keyForEncryption' : 'keyForSigning'
}
