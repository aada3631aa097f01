import type { KmsContext } from '../context.ts'
import { KmsError } from '../model/errors.ts'
import { ciphertextHeader } from './ciphertext-header.ts'
import { encryptionAlgorithm, rsaDefault, rsaWithSha1, symmetricDefault } from './encryption-algorithm.ts'
import { type CiphertextKind, openWithKey, sealWithKey } from './seal-with-key.ts'
import { withTwoKeys } from './with-key.ts'

export type ReEncryptInput = {
  projectId: string
  ciphertext: Uint8Array
  /** Needed for an asymmetric source; otherwise the ciphertext names its key, and this must be the same one. */
  sourceKeyId?: string | undefined
  /** SYMMETRIC_DEFAULT unless named. */
  sourceAlgorithm?: string | undefined
  sourceAdditionalData?: Uint8Array | undefined
  /** Id, alias or URN. */
  destinationKeyId: string
  /** SYMMETRIC_DEFAULT unless named. */
  destinationAlgorithm?: string | undefined
  destinationAdditionalData?: Uint8Array | undefined
  /** Whether an RSA ciphertext is that of a data key; a symmetric ciphertext says so itself. */
  isDataKey?: boolean | undefined
}

export type ReEncrypted = {
  keyId: string
  sourceKeyId: string
  sourceAlgorithm: string
  destinationAlgorithm: string
  ciphertext: Buffer
  /** What the ciphertext holds, and so how the API writes it. */
  kind: CiphertextKind
}

const rsaAlgorithms = [rsaDefault, rsaWithSha1]

const uses = {
  data: ['reEncryptFrom', 'reEncryptTo'],
  'data key': ['reEncryptDataKeyFrom', 'reEncryptDataKeyTo'],
  'data key pair': ['reEncryptDataKeyFrom', 'reEncryptDataKeyTo'],
} as const

/**
 * Opens data, a data key or the private key of a pair with one key and seals it under another as the same kind; the
 * plaintext does not leave Keystead. Needs what decrypting needs on the source and what encrypting needs on the
 * destination (Huawei KMS, re-encrypt).
 *
 * @throws {KmsError} parameterMissing (source_key_id); what `withKey` throws for either key;
 *   algorithmNotForSymmetric, algorithmNotForRsa; ciphertextInvalid; plaintextTooLong for an RSA destination
 */
export async function reEncrypt(ctx: KmsContext, input: ReEncryptInput): Promise<ReEncrypted> {
  const { projectId, ciphertext } = input
  const symmetric = (input.sourceAlgorithm ?? symmetricDefault) === symmetricDefault
  if (!symmetric && input.sourceKeyId === undefined) {
    throw new KmsError('parameterMissing', {
      field: 'source_key_id',
      values: { parameter: 'source_key_id' },
    })
  }
  const header = ciphertextHeader(ciphertext)
  const kind = symmetric ? header.kind : input.isDataKey ? 'data key' : 'data'
  const [fromUse, toUse] = uses[kind]
  const from = input.sourceKeyId === undefined ? { setId: header.setId } : { keyId: input.sourceKeyId }
  return withTwoKeys(
    ctx,
    projectId,
    { use: fromUse, key: from },
    { use: toUse, key: { keyId: input.destinationKeyId } },
    async (source, destination) => {
      const sourceAlgorithm = encryptionAlgorithm(source.spec, input.sourceAlgorithm, rsaAlgorithms)
      const destinationAlgorithm = encryptionAlgorithm(
        destination.spec,
        input.destinationAlgorithm,
        rsaAlgorithms,
      )
      const opened = await openWithKey(
        source,
        {
          kind,
          algorithm: sourceAlgorithm,
          additionalData: input.sourceAdditionalData ?? new Uint8Array(),
        },
        ciphertext,
      )
      try {
        const sealed = sealWithKey(
          destination,
          {
            kind,
            algorithm: destinationAlgorithm,
            additionalData: input.destinationAdditionalData ?? new Uint8Array(),
          },
          opened,
        )
        return {
          keyId: destination.id,
          sourceKeyId: source.id,
          sourceAlgorithm,
          destinationAlgorithm,
          ciphertext: sealed,
          kind,
        }
      } finally {
        opened.fill(0)
      }
    },
  )
}
