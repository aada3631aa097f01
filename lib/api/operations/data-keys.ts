import * as z from 'zod'
import { createDataKey } from '#lib/kms/operations/create-data-key.ts'
import { createDataKeyPair, dataKeyPairSpecs } from '#lib/kms/operations/create-data-key-pair.ts'
import { createDataKeyWithoutPlaintext } from '#lib/kms/operations/create-data-key-without-plaintext.ts'
import { decryptDataKey } from '#lib/kms/operations/decrypt-data-key.ts'
import { encryptDataKey } from '#lib/kms/operations/encrypt-data-key.ts'
import { generateRandom } from '#lib/kms/operations/generate-random.ts'
import { operation } from '../operation.ts'
import { additionalDataFields, additionalDataOf } from '../schemas/additional-data.ts'
import { hex, hexText, keyId, sequence, wholeNumber } from '../schemas/fields.ts'
import { refusedWith, ruleWith } from '../schemas/refused-with.ts'

const bits = wholeNumber(8, 8192)

const notSupported = refusedWith('notSupported', z.never()).optional()

/** Calls of deployments that Keystead does not have; said clearly, rather than left out of account. */
const deploymentFields = { pin: notSupported, pin_type: notSupported, recipient: notSupported }

const newDataKey = z.object({
  key_id: keyId,
  key_spec: refusedWith(
    'dataKeySpecInvalid',
    z.enum(['AES_256', 'AES_128', 'SM4', 'HMAC_256', 'HMAC_384', 'HMAC_512', 'HMAC_SM3']),
  ).optional(),
  datakey_length: refusedWith(
    'dataKeyLengthInvalid',
    bits
      .refine((length) => length % 8 === 0, ruleWith('dataKeyLengthUneven'))
      .meta({ description: 'Bits, 8 to 8192, a multiple of 8; wins over key_spec. Neither: 256.' }),
  ).optional(),
  ...additionalDataFields,
  ...deploymentFields,
  sequence,
})

const newDataKeyInput = (projectId: string, body: z.output<typeof newDataKey>) => ({
  projectId,
  keyId: body.key_id,
  ...(body.datakey_length === undefined ? { keySpec: body.key_spec } : { length: body.datakey_length }),
  additionalData: additionalDataOf(body),
})

const hexadecimal = z.string().meta({ description: 'Hexadecimal, upper case.' })

const createDataKeyOperation = operation({
  id: 'CreateDatakey',
  group: 'Data keys',
  method: 'POST',
  path: '/v1.0/{project_id}/kms/create-datakey',
  summary: 'Create a data key',
  body: newDataKey,
  result: z.object({ key_id: z.string(), plain_text: hexadecimal, cipher_text: hexadecimal }),
  writes: false,
  rate: 'data-key',
  run: async (ctx, { projectId, body }) => {
    const made = await createDataKey(ctx, newDataKeyInput(projectId, body))
    return { key_id: made.keyId, plain_text: hexText(made.plaintext), cipher_text: hexText(made.ciphertext) }
  },
})

const withoutPlaintextOperation = operation({
  id: 'CreateDatakeyWithoutPlaintext',
  group: 'Data keys',
  method: 'POST',
  path: '/v1.0/{project_id}/kms/create-datakey-without-plaintext',
  summary: 'Create a data key without telling it',
  body: newDataKey,
  result: z.object({ key_id: z.string(), cipher_text: hexadecimal }),
  writes: false,
  rate: 'data-key',
  run: async (ctx, { projectId, body }) => {
    const made = await createDataKeyWithoutPlaintext(ctx, newDataKeyInput(projectId, body))
    return { key_id: made.keyId, cipher_text: hexText(made.ciphertext) }
  },
})

const encryptDataKeyOperation = operation({
  id: 'EncryptDatakey',
  group: 'Data keys',
  method: 'POST',
  path: '/v1.0/{project_id}/kms/encrypt-datakey',
  summary: 'Encrypt a data key',
  body: z.object({
    key_id: keyId,
    plain_text: refusedWith(
      'plaintextInvalid',
      hex(1024 + 32).meta({
        description: 'Hexadecimal: the data key, followed by its SHA-256 digest (SM3 under an SM4 key).',
      }),
    ),
    datakey_plain_length: refusedWith(
      'dataKeyPlaintextInvalid',
      wholeNumber(1, 1024).meta({ description: 'Bytes of the data key without its digest.' }),
    ),
    ...additionalDataFields,
    ...deploymentFields,
    sequence,
  }),
  result: z.object({ key_id: z.string(), cipher_text: hexadecimal, datakey_length: z.string() }),
  writes: false,
  rate: 'data-key',
  run: async (ctx, { projectId, body }) => {
    const made = await encryptDataKey(ctx, {
      projectId,
      keyId: body.key_id,
      plaintext: body.plain_text,
      dataKeyLength: body.datakey_plain_length,
      additionalData: additionalDataOf(body),
    })
    return {
      key_id: made.keyId,
      cipher_text: hexText(made.ciphertext),
      datakey_length: String(made.dataKeyLength),
    }
  },
})

const decryptDataKeyOperation = operation({
  id: 'DecryptDatakey',
  group: 'Data keys',
  method: 'POST',
  path: '/v1.0/{project_id}/kms/decrypt-datakey',
  summary: 'Decrypt a data key',
  body: z.object({
    key_id: keyId,
    cipher_text: refusedWith('ciphertextInvalid', hex(4096)),
    datakey_cipher_length: refusedWith(
      'dataKeyCipherLengthInvalid',
      wholeNumber(1, 1024).meta({ description: 'Bytes of the data key.' }),
    ),
    ...additionalDataFields,
    ...deploymentFields,
    sequence,
  }),
  result: z.object({ data_key: hexadecimal, datakey_length: z.string(), datakey_dgst: hexadecimal }),
  writes: false,
  rate: 'data-key',
  run: async (ctx, { projectId, body }) => {
    const { dataKey, digest } = await decryptDataKey(ctx, {
      projectId,
      keyId: body.key_id,
      ciphertext: body.cipher_text,
      dataKeyLength: body.datakey_cipher_length,
      additionalData: additionalDataOf(body),
    })
    return {
      data_key: hexText(dataKey),
      datakey_length: String(dataKey.byteLength),
      datakey_dgst: hexText(digest),
    }
  },
})

const boolean = z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')])

type PairFamily = {
  id: string
  path: 'create-rsa-datakey-pair' | 'create-ec-datakey-pair'
  name: string
  prefix: string
}

function pairOperation({ id, path, name, prefix }: PairFamily) {
  const specs = dataKeyPairSpecs.filter((spec) => spec.startsWith(prefix))
  return operation({
    id,
    group: 'Data keys',
    method: 'POST',
    path: `/v1.0/{project_id}/kms/${path}`,
    summary: `Create ${name} key pair as a data key`,
    body: z.object({
      key_id: keyId,
      key_spec: refusedWith('dataKeySpecInvalid', z.enum(specs)),
      with_plain_text: boolean.default(true),
      ...additionalDataFields,
      ...deploymentFields,
      sequence,
    }),
    result: z.object({
      key_id: z.string(),
      key_spec: z.string(),
      public_key: z.string().meta({ description: 'Base64 of a SubjectPublicKeyInfo.' }),
      private_key_cipher_text: z.string().meta({ description: 'Base64; decrypt-data opens it.' }),
      private_key_plain_text: z.string().optional().meta({ description: 'Base64 of PKCS#8.' }),
    }),
    writes: false,
    rate: 'data-key',
    run: async (ctx, { projectId, body }) => {
      const pair = await createDataKeyPair(ctx, {
        projectId,
        keyId: body.key_id,
        keySpec: body.key_spec,
        withPlaintext: body.with_plain_text,
        additionalData: additionalDataOf(body),
      })
      return {
        key_id: pair.keyId,
        key_spec: pair.keySpec,
        public_key: pair.publicKey.toString('base64'),
        private_key_cipher_text: pair.privateKeyCiphertext.toString('base64'),
        ...(pair.privateKey ? { private_key_plain_text: pair.privateKey.toString('base64') } : {}),
      }
    },
  })
}

const randomOperation = operation({
  id: 'CreateRandom',
  group: 'Data keys',
  method: 'POST',
  path: '/v1.0/{project_id}/kms/gen-random',
  summary: 'Make random bits',
  body: z.object({
    random_data_length: refusedWith(
      'randomLengthInvalid',
      bits
        .refine((length) => length % 8 === 0, ruleWith('randomLengthUneven'))
        .meta({ description: 'Bits, 8 to 8192, a multiple of 8.' }),
    ),
    sequence,
  }),
  result: z.object({ random_data: hexadecimal }),
  writes: false,
  rate: 'data-key',
  run: async (ctx, { projectId, body }) => {
    const { bytes } = await generateRandom(ctx, { projectId, length: body.random_data_length })
    return { random_data: hexText(bytes) }
  },
})

/** Keys for use outside, wrapped by a key inside; random numbers. */
export const dataKeyOperations = [
  createDataKeyOperation,
  withoutPlaintextOperation,
  encryptDataKeyOperation,
  decryptDataKeyOperation,
  pairOperation({
    id: 'CreateRsaDatakeyPair',
    path: 'create-rsa-datakey-pair',
    name: 'an RSA',
    prefix: 'RSA_',
  }),
  pairOperation({ id: 'CreateEcDatakeyPair', path: 'create-ec-datakey-pair', name: 'an EC', prefix: 'ECC_' }),
  randomOperation,
]
