import type { KmsContext } from '../context.ts'
import { generateP521Pair } from '../crypto/data-key-pair.ts'
import { KeyMaterial } from '../crypto/key-material.ts'
import { generateMaterial } from '../material/generate-material.ts'
import type { KeySpec } from '../model/key-spec.ts'
import { symmetricDefault } from './encryption-algorithm.ts'
import { sealWithKey } from './seal-with-key.ts'
import { requireUse, withKey } from './with-key.ts'

/** Key pairs that can be asked for (Huawei KMS, create-rsa-datakey-pair and create-ec-datakey-pair), SM2 excepted. */
const specs = {
  RSA_2048: 'RSA_2048',
  RSA_3072: 'RSA_3072',
  RSA_4096: 'RSA_4096',
  ECC_NIST_P256: 'EC_P256',
  ECC_NIST_P384: 'EC_P384',
  ECC_NIST_P521: null,
  ECC_SECG_P256K1: 'SECP256K1',
} as const satisfies Record<string, KeySpec | null>

export type DataKeyPairSpec = keyof typeof specs

export const dataKeyPairSpecs = Object.keys(specs) as [DataKeyPairSpec, ...DataKeyPairSpec[]]

export type CreateDataKeyPairInput = {
  projectId: string
  /** Id, alias or URN of a symmetric key. */
  keyId: string
  keySpec: DataKeyPairSpec
  /** Whether the private key is told as well. */
  withPlaintext: boolean
  additionalData?: Uint8Array | undefined
}

export type DataKeyPair = {
  keyId: string
  keySpec: DataKeyPairSpec
  /** SubjectPublicKeyInfo DER. */
  publicKey: Buffer
  /** Opened by `decryptData`. */
  privateKeyCiphertext: Buffer
  /** PKCS#8 DER; null unless asked for. */
  privateKey: Buffer | null
}

/**
 * Makes a key pair for use outside and wraps its private key under a symmetric key. Keystead keeps neither form.
 *
 * @throws {KmsError} what `withKey` throws; notForAsymmetric for a key that is not symmetric; busy while too many RSA
 *   keys are being made
 */
export async function createDataKeyPair(
  ctx: KmsContext,
  input: CreateDataKeyPairInput,
): Promise<DataKeyPair> {
  const { projectId, keyId, keySpec, withPlaintext, additionalData = new Uint8Array() } = input
  const gate = { projectId, key: { keyId } }
  // Making an RSA key costs seconds: what will be refused anyway is refused before. The second time decides.
  await requireUse(ctx, 'createDataKeyPair', gate)
  const { material, publicKey } = await generatePair(keySpec)
  using privateKey = material
  const sealing = { kind: 'data key pair', algorithm: symmetricDefault, additionalData } as const
  return await withKey(ctx, 'createDataKeyPair', gate, (key) => ({
    keyId: key.id,
    keySpec,
    publicKey,
    privateKeyCiphertext: sealWithKey(key, sealing, privateKey.reveal()),
    privateKey: withPlaintext ? Buffer.from(privateKey.reveal()) : null,
  }))
}

async function generatePair(keySpec: DataKeyPairSpec): Promise<{ material: KeyMaterial; publicKey: Buffer }> {
  const spec = specs[keySpec]
  if (spec === null) {
    const { privateKey, publicKey } = await generateP521Pair()
    return { material: KeyMaterial.take(privateKey), publicKey }
  }
  const { material, publicKey } = await generateMaterial(spec)
  if (publicKey === null) throw new RangeError(`${spec} has no public key`)
  return { material, publicKey }
}
