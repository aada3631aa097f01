import type { KeyObject } from 'node:crypto'

/** `digest`: a digest made elsewhere, which takes another way than a message. */
export type AsymmetricOperation = 'sign' | 'verify' | 'sign digest' | 'verify digest' | 'decrypt'

type Costs = Partial<Record<AsymmetricOperation, number>>

const rsa = (secret: number, open: number): Costs => ({
  sign: secret,
  'sign digest': secret,
  decrypt: secret,
  verify: open,
})

/** Measured on one core of a 2-core x86-64 machine with Node 26.10, in milliseconds. Only their proportions matter. */
const costs: Readonly<Record<string, Costs>> = {
  'rsa 2048': rsa(0.3, 0.03),
  'rsa 3072': rsa(0.8, 0.05),
  'rsa 4096': rsa(1.6, 0.08),
  'ec prime256v1': { sign: 0.03, verify: 0.07, 'sign digest': 0.45, 'verify digest': 1.7 },
  'ec secp384r1': { sign: 0.8, verify: 0.7, 'sign digest': 0.9, 'verify digest': 3.7 },
  'ec secp256k1': { sign: 0.4, verify: 0.35, 'sign digest': 0.4, 'verify digest': 1.1 },
  ed25519: { sign: 0.05, verify: 0.12 },
  'ml-dsa-44': { sign: 0.6, verify: 0.11 },
  'ml-dsa-65': { sign: 0.9, verify: 0.16 },
  'ml-dsa-87': { sign: 1, verify: 0.25 },
}

const otherwise = 2

/** What an operation costs, in milliseconds of one core, roughly. */
export function asymmetricCost(operation: AsymmetricOperation, key: KeyObject): number {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {}
  const size = modulusLength ?? namedCurve
  const name = size === undefined ? key.asymmetricKeyType : `${key.asymmetricKeyType} ${size}`
  return costs[name ?? '']?.[operation] ?? otherwise
}
