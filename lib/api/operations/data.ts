import * as z from 'zod'
import { decryptData } from '#lib/kms/operations/decrypt-data.ts'
import { encryptData } from '#lib/kms/operations/encrypt-data.ts'
import { reEncrypt } from '#lib/kms/operations/re-encrypt.ts'
import { operation } from '../operation.ts'
import {
  additionalAuthenticatedData,
  additionalDataFields,
  additionalDataOf,
} from '../schemas/additional-data.ts'
import { base64, hexText, keyId, sequence, wholeNumber } from '../schemas/fields.ts'
import { refusedWith } from '../schemas/refused-with.ts'

const encryptionAlgorithm = z.enum(['SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_256', 'SM2_ENCRYPT'])

const ciphertextText = refusedWith('ciphertextInvalid', base64(/^[0-9a-zA-Z+/=]{128,5648}$/))

const plaintext = refusedWith(
  'plaintextInvalid',
  z
    .string()
    .min(1)
    .refine((text) => text.isWellFormed() && Buffer.byteLength(text) <= 4096)
    .meta({ description: '1 to 4096 bytes in UTF-8.' }),
)

/** Data keys travel in hexadecimal, data in base64; nothing encrypted looks like both. */
const eitherCiphertext = refusedWith(
  'ciphertextInvalid',
  z
    .string()
    .regex(/^[0-9a-zA-Z+/=]{128,8192}$/)
    .meta({ description: 'What encrypt-data (base64) or the data key calls (hexadecimal) gave.' }),
)

const bytesOf = (text: string): Buffer =>
  /^([0-9a-fA-F]{2})+$/.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64')

const reEncryptAlgorithm = z.enum([...encryptionAlgorithm.options, 'RSAES_OAEP_SHA_1'])

const reEncryptOperation = operation({
  id: 'ReEncrypt',
  group: 'Data',
  method: 'POST',
  path: '/v1.0/{project_id}/kms/re-encrypt',
  summary: 'Encrypt under another key without telling the plaintext',
  body: z.object({
    cipher_text: eitherCiphertext,
    destination_key_id: keyId,
    source_key_id: keyId.optional().meta({ description: 'Needed if the source key is asymmetric.' }),
    source_encryption_algorithm: reEncryptAlgorithm.default('SYMMETRIC_DEFAULT'),
    destination_encryption_algorithm: reEncryptAlgorithm.default('SYMMETRIC_DEFAULT'),
    source_additional_authenticated_data: additionalAuthenticatedData,
    destination_additional_authenticated_data: additionalAuthenticatedData,
    datakey_cipher_length: refusedWith('dataKeyCipherLengthInvalid', wholeNumber(1, 1024))
      .optional()
      .meta({ description: 'Says that an asymmetric ciphertext holds a data key.' }),
    sequence,
  }),
  result: z.object({
    key_id: z.string(),
    source_key_id: z.string(),
    source_encryption_algorithm: z.string(),
    destination_encryption_algorithm: z.string(),
    cipher_text: z.string().meta({ description: 'Base64 for data, hexadecimal for data keys.' }),
  }),
  writes: false,
  run: async (ctx, { projectId, body }) => {
    const sourceData = body.source_additional_authenticated_data
    const destinationData = body.destination_additional_authenticated_data
    const made = await reEncrypt(ctx, {
      projectId,
      ciphertext: bytesOf(body.cipher_text),
      sourceKeyId: body.source_key_id,
      sourceAlgorithm: body.source_encryption_algorithm,
      sourceAdditionalData: sourceData === undefined ? undefined : Buffer.from(sourceData),
      destinationKeyId: body.destination_key_id,
      destinationAlgorithm: body.destination_encryption_algorithm,
      destinationAdditionalData: destinationData === undefined ? undefined : Buffer.from(destinationData),
      isDataKey: body.datakey_cipher_length !== undefined,
    })
    return {
      key_id: made.keyId,
      source_key_id: made.sourceKeyId,
      source_encryption_algorithm: made.sourceAlgorithm,
      destination_encryption_algorithm: made.destinationAlgorithm,
      cipher_text: made.kind === 'data key' ? hexText(made.ciphertext) : made.ciphertext.toString('base64'),
    }
  },
})

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
  reEncryptOperation,
]

function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  return Buffer.from(text).equals(bytes) ? text : ''
}
