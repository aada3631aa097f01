import {
  allowsUsage,
  defaultUsage,
  isKeySpec,
  type KeySpec,
  type KeyUsage,
  keySpecs,
  usagesOf,
} from '#lib/kms/model/key-spec.ts'

/** What the form holds about the kind of key: the choices that depend on one another. */
export type KeyKindChoice = { spec: KeySpec; usage: KeyUsage; origin: 'kms' | 'external' }

/** The choice after another algorithm was picked, and in words what had to change with it. */
export type Fitted = KeyKindChoice & { usageNote: string | null; originNote: string | null }

/**
 * Makes usage and origin fit a newly picked algorithm. A usage the person could choose before is kept when it still
 * fits; one that was forced is not a choice and gives way to the default. What someone chose and loses is said.
 */
export function fitToSpec(choice: KeyKindChoice, spec: KeySpec): Fitted {
  const hadChoice = usagesOf(choice.spec).length > 1
  const keeps = hadChoice && allowsUsage(spec, choice.usage)
  const usage = keeps ? choice.usage : defaultUsage(spec)
  const lostUsage = hadChoice && choice.usage !== defaultUsage(choice.spec) && usage !== choice.usage
  const lostOrigin = choice.origin === 'external' && !keySpecs[spec].importable
  return {
    spec,
    usage,
    origin: lostOrigin ? 'kms' : choice.origin,
    usageNote: lostUsage ? `Changed from ${choice.usage}, which ${spec} does not have.` : null,
    originNote: lostOrigin
      ? `Changed back to Key management: ${spec} cannot use external key material.`
      : null,
  }
}

/** What a usage lets the key do, in words. */
export const usageWords: Record<KeyUsage, string> = {
  ENCRYPT_DECRYPT: 'Encrypt and decrypt data',
  SIGN_VERIFY: 'Sign, and verify signatures',
  GENERATE_VERIFY_MAC: 'Generate and verify message authentication codes',
}

const families: readonly { label: string; prefix: RegExp }[] = [
  { label: 'Symmetric', prefix: /^(AES|SM4)/ },
  { label: 'Message authentication', prefix: /^HMAC/ },
  { label: 'RSA', prefix: /^RSA/ },
  { label: 'Elliptic curve', prefix: /^(EC|SECP|ED)/ },
  { label: 'Post-quantum', prefix: /^ML_DSA/ },
]

/** The algorithms by family, in the order of the table, as the select shows them. */
export const algorithmGroups = families.map(({ label, prefix }) => ({
  label,
  options: Object.keys(keySpecs)
    .filter(isKeySpec)
    .filter((spec) => prefix.test(spec))
    .map((spec) => ({ value: spec, label: keySpecs[spec].label })),
}))
