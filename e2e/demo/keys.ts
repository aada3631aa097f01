import type { KeySpec, KeyUsage } from '#lib/kms/model/key-spec.ts'
import type { KeyOperation } from '#lib/kms/model/key-state.ts'

/** What became of a key after it was made: an operation, how many days ago, and for a deletion its waiting period. */
type Step = [operation: KeyOperation, daysAgo: number, pendingDays?: number]

export type DemoKey = {
  name: string
  daysAgo: number
  description?: string
  /** AES_256 unless said otherwise. */
  spec?: KeySpec
  /** The default of the spec unless said otherwise. */
  usage?: KeyUsage
  external?: true
  /** Name of its enterprise project; the default one if left out. */
  project?: keyof typeof owners
  env?: 'production' | 'staging' | 'development'
  history?: Step[]
}

/** Enterprise projects, with the team and the cost center that its keys are tagged with. */
export const owners = {
  default: { team: 'platform', costCenter: 'CC-5000' },
  payments: { team: 'payments', costCenter: 'CC-4100' },
  'data-platform': { team: 'data', costCenter: 'CC-5300' },
} as const

/** The services that have made default keys, in both regions. */
export const defaultKeyServices = ['obs', 'evs', 'rds', 'ims']

/** The keys of the first region, which the tour walks through: a shop that has run for about a year and a half. */
export const mainKeys: DemoKey[] = [
  {
    name: 'payments/card-vault:master',
    daysAgo: 512,
    project: 'payments',
    env: 'production',
    description: 'Card numbers at rest. In scope of PCI DSS: ask security before any change.',
  },
  { name: 'payments/card-vault:staging', daysAgo: 509, project: 'payments', env: 'staging' },
  {
    name: 'payments/ledger',
    daysAgo: 498,
    project: 'payments',
    env: 'production',
    description: 'Field encryption of the double-entry ledger.',
  },
  { name: 'payments/ledger:staging', daysAgo: 497, project: 'payments', env: 'staging' },
  {
    name: 'payments/webhook-signing',
    daysAgo: 431,
    spec: 'HMAC_256',
    project: 'payments',
    env: 'production',
    description: 'Signs callbacks to merchants.',
  },
  {
    name: 'payments/webhook-signing:v1',
    daysAgo: 505,
    spec: 'HMAC_256',
    project: 'payments',
    env: 'production',
    history: [
      ['disable', 398],
      ['scheduleDeletion', 81, 180],
    ],
  },
  {
    name: 'payments/sepa-mandates',
    daysAgo: 344,
    spec: 'RSA_3072',
    project: 'payments',
    env: 'production',
    description: 'Signs SEPA mandates.',
  },
  { name: 'payments/payout-approval', daysAgo: 290, spec: 'EC_P256', project: 'payments', env: 'production' },
  {
    name: 'payments/acquirer-nordic',
    daysAgo: 201,
    external: true,
    project: 'payments',
    env: 'production',
    description: 'Key material comes from the acquirer by courier.',
  },
  { name: 'payments/3ds-mac', daysAgo: 166, spec: 'HMAC_384', project: 'payments', env: 'production' },
  { name: 'payments/fraud-features', daysAgo: 120, project: 'payments', env: 'production' },
  {
    name: 'payments/fraud-features:dev',
    daysAgo: 119,
    project: 'payments',
    env: 'development',
    history: [['disable', 34]],
  },
  {
    name: 'payments/tokenizer-v1',
    daysAgo: 470,
    project: 'payments',
    env: 'production',
    description: 'Replaced by payments/card-vault:master.',
    history: [
      ['disable', 260],
      ['scheduleDeletion', 12, 30],
    ],
  },
  {
    name: 'payments/loadtest',
    daysAgo: 48,
    project: 'payments',
    env: 'development',
    history: [['scheduleDeletion', 5, 7]],
  },
  {
    name: 'orders-db:master',
    daysAgo: 488,
    env: 'production',
    description: 'Wraps the data keys of the orders database.',
  },
  { name: 'orders-db:staging', daysAgo: 487, env: 'staging' },
  { name: 'orders-db:dev', daysAgo: 487, env: 'development' },
  { name: 'orders/export', daysAgo: 312, env: 'production' },
  { name: 'orders/legacy-import', daysAgo: 466, env: 'production', history: [['disable', 301]] },
  { name: 'checkout/session', daysAgo: 402, env: 'production' },
  { name: 'checkout/session:staging', daysAgo: 402, env: 'staging' },
  { name: 'checkout/coupon-codes', daysAgo: 233, spec: 'HMAC_256', env: 'production' },
  {
    name: 'catalog/supplier-feeds',
    daysAgo: 275,
    env: 'production',
    history: [
      ['disable', 90],
      ['enable', 88],
    ],
  },
  { name: 'catalog/images-cdn-signing', daysAgo: 259, spec: 'EC_P256', env: 'production' },
  {
    name: 'customers/profile',
    daysAgo: 476,
    env: 'production',
    description: 'Names, addresses, telephone numbers.',
  },
  { name: 'customers/profile:staging', daysAgo: 476, env: 'staging' },
  {
    name: 'customers/id-documents',
    daysAgo: 330,
    env: 'production',
    description: 'Scans of passports and identity cards; deleted with the customer.',
  },
  {
    name: 'customers/newsletter-tokens',
    daysAgo: 221,
    spec: 'HMAC_256',
    env: 'production',
    history: [['disable', 61]],
  },
  {
    name: 'identity/token-signing',
    daysAgo: 155,
    spec: 'ED25519',
    env: 'production',
    description: 'Signs access tokens; public key in the JWKS.',
  },
  {
    name: 'identity/token-signing:previous',
    daysAgo: 385,
    spec: 'EC_P256',
    env: 'production',
    history: [['disable', 150]],
  },
  {
    name: 'identity/token-signing:pq-trial',
    daysAgo: 26,
    spec: 'ML_DSA_65',
    env: 'development',
    description: 'Trial of post-quantum signatures.',
  },
  { name: 'identity/saml-signing', daysAgo: 361, spec: 'RSA_2048', env: 'production' },
  { name: 'identity/mfa-seeds', daysAgo: 355, env: 'production' },
  { name: 'identity/password-pepper', daysAgo: 480, spec: 'HMAC_512', env: 'production' },
  {
    name: 'backup/postgres-nightly',
    daysAgo: 483,
    env: 'production',
    description: 'Nightly dumps, kept for 35 days.',
  },
  { name: 'backup/object-storage', daysAgo: 410, env: 'production' },
  {
    name: 'backup/archive-2023',
    daysAgo: 478,
    env: 'production',
    description: 'Tapes of 2023; must stay readable until 2031.',
    history: [['disable', 410]],
  },
  { name: 'backup/archive-2024', daysAgo: 322, env: 'production', history: [['disable', 44]] },
  {
    name: 'backup/offsite-escrow',
    daysAgo: 140,
    spec: 'RSA_4096',
    usage: 'ENCRYPT_DECRYPT',
    env: 'production',
    description: 'Wraps backup keys for the escrow agent.',
  },
  {
    name: 'ci/artifact-signing',
    daysAgo: 245,
    spec: 'EC_P384',
    env: 'production',
    description: 'Signs release artifacts.',
  },
  { name: 'ci/build-cache', daysAgo: 244, env: 'development' },
  { name: 'ci/runner-bootstrap', daysAgo: 112, env: 'development', history: [['disable', 20]] },
  {
    name: 'k8s/etcd-encryption',
    daysAgo: 390,
    env: 'production',
    description: 'Envelope key of the Kubernetes secrets.',
  },
  { name: 'k8s/etcd-encryption:staging', daysAgo: 389, env: 'staging' },
  { name: 'k8s/service-mesh-ca', daysAgo: 188, spec: 'EC_P384', env: 'production' },
  { name: 'data/warehouse', daysAgo: 296, project: 'data-platform', env: 'production' },
  { name: 'data/warehouse:staging', daysAgo: 295, project: 'data-platform', env: 'staging' },
  {
    name: 'data/pseudonyms',
    daysAgo: 240,
    spec: 'HMAC_256',
    project: 'data-platform',
    env: 'production',
    description: 'Turns customer ids into pseudonyms for analysis.',
  },
  { name: 'data/clickstream', daysAgo: 176, project: 'data-platform', env: 'production' },
  { name: 'data/ml-training-sets', daysAgo: 98, project: 'data-platform', env: 'development' },
  {
    name: 'data/partner-exchange',
    daysAgo: 72,
    spec: 'RSA_3072',
    usage: 'ENCRYPT_DECRYPT',
    project: 'data-platform',
    env: 'production',
  },
  {
    name: 'data/hadoop-decommissioned',
    daysAgo: 451,
    project: 'data-platform',
    env: 'production',
    history: [
      ['disable', 230],
      ['scheduleDeletion', 2, 90],
    ],
  },
  {
    name: 'data/spark-scratch',
    daysAgo: 63,
    project: 'data-platform',
    env: 'development',
    history: [
      ['scheduleDeletion', 9, 14],
      ['cancelDeletion', 8],
    ],
  },
  {
    name: 'cn-store/customer-data',
    daysAgo: 84,
    spec: 'SM4',
    env: 'production',
    description: 'National algorithm, as the store in China requires.',
  },
  {
    name: 'hsm-import/root-of-trust',
    daysAgo: 15,
    external: true,
    env: 'production',
    description: 'Waits for the key ceremony.',
  },
  {
    name: 'hsm-import/rehearsal',
    daysAgo: 18,
    external: true,
    env: 'staging',
    history: [['scheduleDeletion', 1, 7]],
  },
  {
    name: 'iot/firmware-signing',
    daysAgo: 52,
    spec: 'RSA_4096',
    env: 'production',
    description: 'Boot loaders in the field know its public key: it cannot be replaced.',
  },
  { name: 'wallet/settlement', daysAgo: 31, spec: 'SECP256K1', project: 'payments', env: 'development' },
]

/** The keys of the second region. */
export const otherKeys: DemoKey[] = [
  { name: 'orders-db:replica', daysAgo: 320, env: 'production' },
  { name: 'customers/profile', daysAgo: 318, env: 'production' },
  { name: 'backup/postgres-nightly', daysAgo: 316, env: 'production' },
  {
    name: 'payments/ledger',
    daysAgo: 305,
    project: 'payments',
    env: 'production',
    history: [['disable', 12]],
  },
  { name: 'data/warehouse', daysAgo: 190, project: 'data-platform', env: 'production' },
  { name: 'dr-drill', daysAgo: 70, env: 'staging', history: [['scheduleDeletion', 3, 30]] },
]
