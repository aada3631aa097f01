import { createHash } from 'node:crypto'
import type { KmsContext } from '../context.ts'
import { getPublicKey } from '../keys/get-public-key.ts'
import type { KeySpec, KeyUsage } from '../model/key-spec.ts'
import type { KeyUse } from '../model/key-use.ts'
import { createDataKey } from '../operations/create-data-key.ts'
import { createDataKeyPair } from '../operations/create-data-key-pair.ts'
import { createDataKeyWithoutPlaintext } from '../operations/create-data-key-without-plaintext.ts'
import { decryptData } from '../operations/decrypt-data.ts'
import { decryptDataKey } from '../operations/decrypt-data-key.ts'
import { encryptData } from '../operations/encrypt-data.ts'
import { encryptDataKey } from '../operations/encrypt-data-key.ts'
import { generateMac } from '../operations/generate-mac.ts'
import { reEncrypt } from '../operations/re-encrypt.ts'
import { sign } from '../operations/sign.ts'
import { verify } from '../operations/verify.ts'
import { verifyMac } from '../operations/verify-mac.ts'
import type { TestWorld } from './test-world.ts'

/** One way to use a key, ready to be tried by anyone. */
export type ReadyUse = {
  use: KeyUse
  /** The key. */
  keyId: string
  /** Whether the key is named by a ciphertext; then "no such key" looks as every other ciphertext that does not open. */
  byCiphertext: boolean
  /** Uses it as `ctx`, through a project of theirs. */
  run: (ctx: KmsContext, projectId: string) => Promise<unknown>
}

/** What kind of key each use is tried with. */
const kinds = {
  symmetric: { spec: 'AES_256', usage: 'ENCRYPT_DECRYPT' },
  signing: { spec: 'EC_P256', usage: 'SIGN_VERIFY' },
  mac: { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' },
} as const satisfies Record<string, { spec: KeySpec; usage: KeyUsage }>

export const keyUseNames = [
  'encryptData',
  'decryptData',
  'createDataKey',
  'createDataKeyWithoutPlaintext',
  'createDataKeyPair',
  'encryptDataKey',
  'decryptDataKey',
  'decryptPrivateKey',
  'reEncryptFrom',
  'reEncryptTo',
  'reEncryptDataKeyFrom',
  'reEncryptDataKeyTo',
  'sign',
  'verify',
  'getPublicKey',
  'generateMac',
  'verifyMac',
] as const

export type KeyUseName = (typeof keyUseNames)[number]

/**
 * Every use of every kind of key, with ciphertexts, signatures and MACs made beforehand: on a symmetric, a signing and a
 * MAC key of the world, all new and Enabled. Re-encryption has a second symmetric key as partner.
 */
export async function everyUse(w: TestWorld): Promise<Record<KeyUseName, ReadyUse>> {
  const made = { ctx: w.ctx, projectId: w.projectId }
  const [symmetric, partner, signing, mac] = await Promise.all([
    w.makeKey(kinds.symmetric),
    w.makeKey(kinds.symmetric),
    w.makeKey(kinds.signing),
    w.makeKey(kinds.mac),
  ])
  const dataKey = Buffer.alloc(32, 5)
  const dataKeyPlaintext = Buffer.concat([dataKey, createHash('sha256').update(dataKey).digest()])
  const plaintext = Buffer.from('data')
  const data = (keyId: string) => encryptData(made.ctx, { ...made, keyId, plaintext })
  const wrapped = (keyId: string) => createDataKey(made.ctx, { ...made, keyId })
  const ofSymmetric = { data: await data(symmetric.id), dataKey: await wrapped(symmetric.id) }
  const ofPartner = { data: await data(partner.id), dataKey: await wrapped(partner.id) }
  const pair = await createDataKeyPair(made.ctx, {
    ...made,
    keyId: symmetric.id,
    keySpec: 'ECC_NIST_P256',
    withPlaintext: false,
  })
  const signed = { algorithm: 'ECDSA_SHA_256', message: plaintext, messageType: 'RAW' } as const
  const { signature } = await sign(made.ctx, { ...made, keyId: signing.id, ...signed })
  const coded = { algorithm: 'HMAC_SHA_256', message: plaintext }
  const code = await generateMac(made.ctx, { ...made, keyId: mac.id, ...coded })

  const byId = (use: KeyUse, keyId: string, run: ReadyUse['run']): ReadyUse => ({
    use,
    keyId,
    byCiphertext: false,
    run,
  })
  const onSymmetric = (use: KeyUse, run: ReadyUse['run']) => byId(use, symmetric.id, run)
  return {
    encryptData: onSymmetric('encryptData', (ctx, projectId) =>
      encryptData(ctx, { projectId, keyId: symmetric.id, plaintext }),
    ),
    decryptData: {
      ...onSymmetric('decryptData', (ctx, projectId) =>
        decryptData(ctx, { projectId, ...ofSymmetric.data, keyId: undefined }),
      ),
      byCiphertext: true,
    },
    createDataKey: onSymmetric('createDataKey', (ctx, projectId) =>
      createDataKey(ctx, { projectId, keyId: symmetric.id }),
    ),
    createDataKeyWithoutPlaintext: onSymmetric('createDataKeyWithoutPlaintext', (ctx, projectId) =>
      createDataKeyWithoutPlaintext(ctx, { projectId, keyId: symmetric.id }),
    ),
    createDataKeyPair: onSymmetric('createDataKeyPair', (ctx, projectId) =>
      createDataKeyPair(ctx, {
        projectId,
        keyId: symmetric.id,
        keySpec: 'ECC_NIST_P521',
        withPlaintext: true,
      }),
    ),
    encryptDataKey: onSymmetric('encryptDataKey', (ctx, projectId) =>
      encryptDataKey(ctx, {
        projectId,
        keyId: symmetric.id,
        plaintext: dataKeyPlaintext,
        dataKeyLength: dataKey.byteLength,
      }),
    ),
    decryptDataKey: onSymmetric('decryptDataKey', (ctx, projectId) =>
      decryptDataKey(ctx, {
        projectId,
        keyId: symmetric.id,
        ciphertext: ofSymmetric.dataKey.ciphertext,
        dataKeyLength: 32,
      }),
    ),
    decryptPrivateKey: {
      ...onSymmetric('decryptDataKey', (ctx, projectId) =>
        decryptData(ctx, { projectId, ciphertext: pair.privateKeyCiphertext }),
      ),
      byCiphertext: true,
    },
    reEncryptFrom: {
      ...onSymmetric('reEncryptFrom', (ctx, projectId) =>
        reEncrypt(ctx, {
          projectId,
          ciphertext: ofSymmetric.data.ciphertext,
          destinationKeyId: partner.id,
        }),
      ),
      byCiphertext: true,
    },
    reEncryptTo: onSymmetric('reEncryptTo', (ctx, projectId) =>
      reEncrypt(ctx, {
        projectId,
        ciphertext: ofPartner.data.ciphertext,
        destinationKeyId: symmetric.id,
      }),
    ),
    reEncryptDataKeyFrom: {
      ...onSymmetric('reEncryptDataKeyFrom', (ctx, projectId) =>
        reEncrypt(ctx, {
          projectId,
          ciphertext: ofSymmetric.dataKey.ciphertext,
          destinationKeyId: partner.id,
        }),
      ),
      byCiphertext: true,
    },
    reEncryptDataKeyTo: onSymmetric('reEncryptDataKeyTo', (ctx, projectId) =>
      reEncrypt(ctx, {
        projectId,
        ciphertext: ofPartner.dataKey.ciphertext,
        destinationKeyId: symmetric.id,
      }),
    ),
    sign: byId('sign', signing.id, (ctx, projectId) =>
      sign(ctx, { projectId, keyId: signing.id, ...signed }),
    ),
    verify: byId('verify', signing.id, (ctx, projectId) =>
      verify(ctx, { projectId, keyId: signing.id, ...signed, signature }),
    ),
    getPublicKey: byId('getPublicKey', signing.id, (ctx, projectId) =>
      getPublicKey(ctx, { projectId, keyId: signing.id }),
    ),
    generateMac: byId('generateMac', mac.id, (ctx, projectId) =>
      generateMac(ctx, { projectId, keyId: mac.id, ...coded }),
    ),
    verifyMac: byId('verifyMac', mac.id, (ctx, projectId) =>
      verifyMac(ctx, { projectId, keyId: mac.id, ...coded, mac: code.mac }),
    ),
  }
}
