import * as z from 'zod'
import { getPublicKey } from '#lib/kms/keys/get-public-key.ts'
import { algorithmsOf, keySpecNames } from '#lib/kms/model/key-spec.ts'
import { generateMac } from '#lib/kms/operations/generate-mac.ts'
import { sign } from '#lib/kms/operations/sign.ts'
import { verify } from '#lib/kms/operations/verify.ts'
import { verifyMac } from '#lib/kms/operations/verify-mac.ts'
import { operation } from '../operation.ts'
import { base64, keyId, sequence } from '../schemas/fields.ts'

/** Every name the product documents, also those that fit no key here: they are refused for the key, not as unknown. */
const signingAlgorithm = z.enum([
  ...new Set([
    ...keySpecNames.flatMap((spec) => algorithmsOf(spec, 'SIGN_VERIFY')),
    'ECDSA_SHA_512',
    'ED25519_PH_SHA_512',
    'SM2DSA_SM3',
  ]),
])

const macAlgorithm = z.enum([
  ...new Set(keySpecNames.flatMap((spec) => algorithmsOf(spec, 'GENERATE_VERIFY_MAC'))),
])

const text = (bytesMax: number) =>
  base64(/^[0-9a-zA-Z+/=]+$/).refine((bytes) => bytes.byteLength > 0 && bytes.byteLength <= bytesMax, {
    error: `must be base64 of 1 to ${bytesMax} bytes`,
  })

const signing = {
  key_id: keyId,
  message: text(4095).meta({ description: 'Base64 of the message, or of its digest.' }),
  signing_algorithm: signingAlgorithm,
  message_type: z.enum(['DIGEST', 'RAW']).default('DIGEST').meta({
    description: 'DIGEST: message is the digest by the hash of the algorithm. RAW: it is hashed here.',
  }),
  sequence,
}

const mac = {
  key_id: keyId,
  mac_algorithm: macAlgorithm,
  message: text(4096).meta({ description: 'Base64 of 1 to 4096 bytes.' }),
  sequence,
}

/** PEM with the line ends that the product writes. */
function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN PUBLIC KEY-----', ...lines, '-----END PUBLIC KEY-----', ''].join('\r\n')
}

/** Signatures, message authentication codes, and the public keys to check signatures with. */
export const signatureOperations = [
  operation({
    id: 'Sign',
    group: 'Signatures and MACs',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/sign',
    summary: 'Sign a message or a digest',
    body: z.object(signing),
    result: z.object({
      key_id: z.string(),
      signature: z.string().meta({ description: 'Base64; DER for ECDSA.' }),
    }),
    writes: false,
    rate: 'sign',
    run: async (ctx, { projectId, body }) => {
      const made = await sign(ctx, {
        projectId,
        keyId: body.key_id,
        message: body.message,
        messageType: body.message_type,
        algorithm: body.signing_algorithm,
      })
      return { key_id: made.keyId, signature: made.signature.toString('base64') }
    },
  }),
  operation({
    id: 'ValidateSignature',
    group: 'Signatures and MACs',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/verify',
    summary: 'Verify a signature',
    body: z.object({ ...signing, signature: text(8192) }),
    result: z.object({
      key_id: z.string(),
      signature_valid: z.string().meta({ description: 'true or false, as text.' }),
    }),
    writes: false,
    rate: 'sign',
    run: async (ctx, { projectId, body }) => {
      const checked = await verify(ctx, {
        projectId,
        keyId: body.key_id,
        message: body.message,
        messageType: body.message_type,
        algorithm: body.signing_algorithm,
        signature: body.signature,
      })
      return { key_id: checked.keyId, signature_valid: String(checked.valid) }
    },
  }),
  operation({
    id: 'GenerateMac',
    group: 'Signatures and MACs',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/generate-mac',
    summary: 'Make a message authentication code',
    body: z.object(mac),
    result: z.object({ key_id: z.string(), mac_algorithm: z.string(), mac: z.string() }),
    writes: false,
    rate: 'sign',
    run: async (ctx, { projectId, body }) => {
      const input = { projectId, keyId: body.key_id, algorithm: body.mac_algorithm, message: body.message }
      const made = await generateMac(ctx, input)
      return { key_id: made.keyId, mac_algorithm: made.algorithm, mac: made.mac.toString('base64') }
    },
  }),
  operation({
    id: 'VerifyMac',
    group: 'Signatures and MACs',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/verify-mac',
    summary: 'Verify a message authentication code',
    body: z.object({ ...mac, mac: text(4096) }),
    result: z.object({ key_id: z.string(), mac_algorithm: z.string(), mac_valid: z.boolean() }),
    writes: false,
    rate: 'sign',
    run: async (ctx, { projectId, body }) => {
      const input = { projectId, keyId: body.key_id, algorithm: body.mac_algorithm, message: body.message }
      const checked = await verifyMac(ctx, { ...input, mac: body.mac })
      return { key_id: checked.keyId, mac_algorithm: checked.algorithm, mac_valid: checked.valid }
    },
  }),
  operation({
    id: 'ShowPublicKey',
    group: 'Signatures and MACs',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/get-publickey',
    summary: 'Read the public key of an asymmetric key',
    body: z.object({ key_id: keyId, sequence }),
    result: z.object({ key_id: z.string(), public_key: z.string().meta({ description: 'PEM.' }) }),
    writes: false,
    run: async (ctx, { projectId, body }) => {
      const { keyId: id, publicKey } = await getPublicKey(ctx, { projectId, keyId: body.key_id })
      return { key_id: id, public_key: pem(publicKey) }
    },
  }),
]
