import * as z from 'zod'
import { decryptData } from '#lib/kms/operations/decrypt-data.ts'
import { encryptData } from '#lib/kms/operations/encrypt-data.ts'
import { operation } from '../operation.ts'
import { additionalDataFields, additionalDataOf } from '../schemas/additional-data.ts'
import { base64, keyId, sequence } from '../schemas/fields.ts'
import { refusedWith } from '../schemas/refused-with.ts'

const encryptionAlgorithm = z.enum(['SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_256', 'SM2_ENCRYPT'])

export const ciphertextText = refusedWith('ciphertextInvalid', base64(/^[0-9a-zA-Z+/=]{128,5648}$/))

const plaintext = refusedWith(
  'plaintextInvalid',
  z
    .string()
    .min(1)
    .refine((text) => text.isWellFormed() && Buffer.byteLength(text) <= 4096)
    .meta({ description: '1 to 4096 bytes in UTF-8.' }),
)

/** Encrypting and decrypting small pieces of data. */
export const dataOperations = [
  operation({
    id: 'EncryptData',
    group: 'Data',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/encrypt-data',
    summary: 'Encrypt data',
    body: z.object({
      key_id: keyId,
      plain_text: plaintext,
      encryption_algorithm: encryptionAlgorithm.default('SYMMETRIC_DEFAULT'),
      ...additionalDataFields,
      sequence,
    }),
    result: z.object({ key_id: z.string(), cipher_text: z.string().meta({ description: 'Base64.' }) }),
    writes: false,
    run: async (ctx, { projectId, body }) => {
      const { keyId: id, ciphertext } = await encryptData(ctx, {
        projectId,
        keyId: body.key_id,
        plaintext: Buffer.from(body.plain_text),
        algorithm: body.encryption_algorithm,
        additionalData: additionalDataOf(body),
      })
      return { key_id: id, cipher_text: ciphertext.toString('base64') }
    },
  }),
  operation({
    id: 'DecryptData',
    group: 'Data',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/decrypt-data',
    summary: 'Decrypt data',
    body: z.object({
      cipher_text: ciphertextText,
      encryption_algorithm: encryptionAlgorithm.default('SYMMETRIC_DEFAULT'),
      key_id: keyId.optional().meta({ description: 'Needed for asymmetric keys only.' }),
      ...additionalDataFields,
      sequence,
    }),
    result: z.object({
      key_id: z.string(),
      plain_text: z.string().meta({ description: 'Empty if the data is not text in UTF-8.' }),
      plain_text_base64: z.string(),
    }),
    writes: false,
    run: async (ctx, { projectId, body }) => {
      const { keyId: id, plaintext: bytes } = await decryptData(ctx, {
        projectId,
        ciphertext: body.cipher_text,
        keyId: body.key_id,
        algorithm: body.encryption_algorithm,
        additionalData: additionalDataOf(body),
      })
      return { key_id: id, plain_text: textOf(bytes), plain_text_base64: bytes.toString('base64') }
    },
  }),
]

function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  return Buffer.from(text).equals(bytes) ? text : ''
}
