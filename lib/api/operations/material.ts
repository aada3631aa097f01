import * as z from 'zod'
import { deleteMaterial } from '#lib/kms/material/delete-material.ts'
import { importMaterial } from '#lib/kms/material/import-material.ts'
import { openImport } from '#lib/kms/material/open-import.ts'
import { operation } from '../operation.ts'
import { base64, keyId, sequence } from '../schemas/fields.ts'
import { refusedWith } from '../schemas/refused-with.ts'

/** Seconds since 1970, as a number or as digits in a string; up to the year 9999. */
const seconds = z
  .union([z.int(), z.string().regex(/^\d{1,12}$/)])
  .transform(Number)
  .pipe(z.int().min(0).max(253_402_300_799))
  .transform((count) => new Date(count * 1_000))

/** Importing key material of one's own, and deleting it. */
export const materialOperations = [
  operation({
    id: 'CreateParametersForImport',
    group: 'Key material',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/get-parameters-for-import',
    summary: 'Get a wrapping key and an import token',
    body: z.object({
      key_id: keyId,
      wrapping_algorithm: refusedWith('wrappingAlgorithmInvalid', z.enum(['RSAES_OAEP_SHA_256'])),
      sequence,
    }),
    result: z.object({
      key_id: z.string(),
      import_token: z.string().meta({ description: 'Base64.' }),
      expiration_time: z.int().meta({ description: 'Seconds since 1970: 24 hours from now.' }),
      public_key: z.string().meta({ description: 'Base64 of a SubjectPublicKeyInfo, RSA_2048.' }),
    }),
    writes: true,
    run: async (ctx, { projectId, body }) => {
      const input = { projectId, keyId: body.key_id, wrappingAlgorithm: body.wrapping_algorithm }
      const opened = await openImport(ctx, input)
      return {
        key_id: opened.keyId,
        import_token: opened.importToken.toString('base64'),
        expiration_time: Math.floor(opened.expiresAt.getTime() / 1_000),
        public_key: opened.publicKey.toString('base64'),
      }
    },
  }),
  operation({
    id: 'ImportKeyMaterial',
    group: 'Key material',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/import-key-material',
    summary: 'Import key material',
    body: z.object({
      key_id: keyId,
      import_token: refusedWith('importTokenInvalid', base64(/^[0-9a-zA-Z+/=]{200,6144}$/)),
      encrypted_key_material: refusedWith(
        'privateKeyDecryptionFailed',
        base64(/^[0-9a-zA-Z+/=]{344,360}$/).meta({
          description:
            'Base64 of the key, or for a private key of a temporary AES key, under the wrapping key.',
        }),
      ),
      encrypted_privatekey: refusedWith('privateKeyDecryptionFailed', base64(/^[0-9a-zA-Z+/=]{200,6144}$/))
        .optional()
        .meta({
          description: 'Base64 of PKCS#8 under the temporary AES key (RFC 5649); asymmetric keys only.',
        }),
      expiration_time: refusedWith('expirationNotInFuture', seconds)
        .optional()
        .meta({ description: 'Seconds since 1970; symmetric keys only. Left out: never.' }),
      sequence,
    }),
    result: z.object({}),
    writes: true,
    run: async (ctx, { projectId, body }) => {
      await importMaterial(ctx, {
        projectId,
        keyId: body.key_id,
        importToken: body.import_token,
        wrappedMaterial: body.encrypted_key_material,
        ...(body.encrypted_privatekey ? { wrappedPrivateKey: body.encrypted_privatekey } : {}),
        ...(body.expiration_time ? { expiresAt: body.expiration_time } : {}),
      })
      return {}
    },
  }),
  operation({
    id: 'DeleteImportedKeyMaterial',
    group: 'Key material',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/delete-imported-key-material',
    summary: 'Delete imported key material',
    body: z.object({ key_id: keyId, sequence }),
    result: z.object({}),
    writes: true,
    run: async (ctx, { projectId, body }) => {
      await deleteMaterial(ctx, { projectId, keyId: body.key_id })
      return {}
    },
  }),
]
