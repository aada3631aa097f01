import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { changeKeyState } from '#lib/kms/keys/change-key-state.ts'
import { createKey } from '#lib/kms/keys/create-key.ts'
import { describeKey } from '#lib/kms/keys/describe-key.ts'
import { listKeyDetails } from '#lib/kms/keys/list-key-details.ts'
import { renameKey } from '#lib/kms/keys/rename-key.ts'
import { updateKeyDescription } from '#lib/kms/keys/update-key-description.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { allowsUsage, defaultUsage, keySpecNames, keySpecs } from '#lib/kms/model/key-spec.ts'
import { readOwnDomain } from '#lib/kms/projects/read-own-domain.ts'
import { operation } from '../operation.ts'
import {
  enterpriseProjectId,
  keyAlias,
  keyDescription,
  keyId,
  limit,
  offsetMarker,
  sequence,
  storableText,
  wholeNumber,
} from '../schemas/fields.ts'
import { keyDetails, toKeyDetails } from '../schemas/key-details.ts'
import { refusedWith } from '../schemas/refused-with.ts'

const keySpec = refusedWith('keySpecInvalid', z.enum(keySpecNames))

const keyUsage = refusedWith(
  'keyUsageInvalid',
  z.enum(['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC']),
)

const keyOnly = z.object({ key_id: keyId, sequence })

const keyStatus = z.object({ key_id: z.string(), key_state: z.string() })

const createKeyOperation = operation({
  id: 'CreateKey',
  group: 'Keys',
  method: 'POST',
  path: '/v1.0/{project_id}/kms/create-key',
  summary: 'Create a key',
  body: z.object({
    key_alias: keyAlias,
    key_spec: keySpec.default('AES_256'),
    key_usage: keyUsage.optional().meta({
      description:
        'Left out: ENCRYPT_DECRYPT for AES and SM4, GENERATE_VERIFY_MAC for HMAC, else SIGN_VERIFY.',
    }),
    key_description: keyDescription.default(''),
    origin: z.enum(['kms', 'external']).default('kms'),
    enterprise_project_id: enterpriseProjectId.default('0'),
    keystore_id: storableText(36)
      .default('0')
      .meta({ description: 'Only 0, the default keystore, is supported.' }),
    sequence,
  }),
  result: z.object({
    key_info: z.object({ key_id: z.string(), domain_id: z.string(), region_id: z.string() }),
  }),
  writes: true,
  rate: 'life-cycle',
  run: async (ctx, { projectId, body }) => {
    const { key_spec: spec, key_usage: usage = defaultUsage(spec), origin } = body
    if (body.keystore_id !== '0')
      throw new KmsError('notSupported', { message: 'Dedicated keystores are not supported by Keystead.' })
    if (!allowsUsage(spec, usage)) throw new KmsError('keyUsageInvalid')
    if (origin === 'external' && !keySpecs[spec].importable) throw new KmsError('keyOriginInvalid')
    // Asked before: once the key is made, nothing may fail that would be told as "nothing was done".
    const { domainId, regionId } = await readOwnDomain(ctx, { projectId })
    const key = await createKey(ctx, {
      projectId,
      // The endpoint knows repeats by their signatures; see docs/api.md.
      idempotencyKey: randomUUID(),
      name: body.key_alias,
      spec,
      usage,
      origin,
      enterpriseProjectId: body.enterprise_project_id,
      description: body.key_description,
      tags: [],
    })
    return { key_info: { key_id: key.id, domain_id: domainId, region_id: regionId } }
  },
})

const describeKeyOperation = operation({
  id: 'ListKeyDetail',
  group: 'Keys',
  method: 'POST',
  path: '/v1.0/{project_id}/kms/describe-key',
  summary: 'Describe a key',
  body: keyOnly,
  result: z.object({ key_info: keyDetails }),
  writes: false,
  run: async (ctx, { projectId, body }) => ({
    key_info: toKeyDetails(await describeKey(ctx, { projectId, keyId: body.key_id })),
  }),
})

const listKeysOperation = operation({
  id: 'ListKeys',
  group: 'Keys',
  method: 'POST',
  path: '/v1.0/{project_id}/kms/list-keys',
  summary: 'List keys',
  body: z.object({
    limit: limit(2000, 2000),
    marker: offsetMarker,
    key_state: z
      .union([z.string(), z.int().transform(String)])
      .pipe(z.enum(['1', '2', '3', '4', '5']))
      .optional(),
    key_spec: refusedWith('keySpecInvalid', z.enum(['ALL', ...keySpecNames]))
      .default('AES_256')
      .meta({ description: 'ALL lists keys of every algorithm; left out, only AES_256.' }),
    enterprise_project_id: z.union([z.literal('all'), enterpriseProjectId]).default('all'),
    sequence,
  }),
  result: z.object({
    keys: z.array(z.string()),
    key_details: z.array(keyDetails),
    next_marker: z.string().meta({ description: 'Empty on the last page.' }),
    truncated: z.string().meta({ description: 'true or false.' }),
    total: z.int(),
  }),
  writes: false,
  run: async (ctx, { projectId, body }) => {
    const { key_state: state, key_spec: spec, enterprise_project_id: enterprise } = body
    // State 1 is the product's passing one of a key not yet active; no key here is ever in it.
    if (state === '1') return { keys: [], key_details: [], next_marker: '', truncated: 'false', total: 0 }
    const { keys, total } = await listKeyDetails(ctx, {
      projectId,
      limit: body.limit,
      offset: body.marker,
      state: state ?? null,
      spec: spec === 'ALL' ? null : spec,
      enterpriseProjectId: enterprise === 'all' ? null : enterprise,
    })
    const next = body.marker + keys.length
    const more = keys.length > 0 && next < total
    return {
      keys: keys.map((key) => key.id),
      key_details: keys.map(toKeyDetails),
      next_marker: more ? String(next) : '',
      truncated: String(more),
      total,
    }
  },
})

const switchOperation = (id: string, path: 'enable-key' | 'disable-key', summary: string) =>
  operation({
    id,
    group: 'Keys',
    method: 'POST',
    path: `/v1.0/{project_id}/kms/${path}`,
    summary,
    body: keyOnly,
    result: z.object({ key_info: keyStatus }),
    writes: true,
    rate: 'life-cycle',
    run: async (ctx, { projectId, body }) => {
      const verb = path === 'enable-key' ? 'enable' : 'disable'
      const changed = await changeKeyState(ctx, { projectId, keyId: body.key_id, operation: verb })
      return { key_info: { key_id: changed.keyId, key_state: changed.state } }
    },
  })

const scheduleDeletionOperation = operation({
  id: 'DeleteKey',
  group: 'Keys',
  method: 'POST',
  path: '/v1.0/{project_id}/kms/schedule-key-deletion',
  summary: 'Schedule the deletion of a key',
  body: z.object({
    key_id: keyId,
    pending_days: refusedWith(
      'pendingDaysInvalid',
      wholeNumber(7, 1096).meta({ description: 'Days until the key is gone, 7 to 1096.' }),
    ),
    sequence,
  }),
  result: keyStatus,
  writes: true,
  rate: 'life-cycle',
  run: async (ctx, { projectId, body }) => {
    const changed = await changeKeyState(ctx, {
      projectId,
      keyId: body.key_id,
      operation: 'scheduleDeletion',
      pendingDays: body.pending_days,
    })
    return { key_id: changed.keyId, key_state: changed.state }
  },
})

const cancelDeletionOperation = operation({
  id: 'CancelKeyDeletion',
  group: 'Keys',
  method: 'POST',
  path: '/v1.0/{project_id}/kms/cancel-key-deletion',
  summary: 'Cancel the scheduled deletion of a key',
  body: keyOnly,
  result: keyStatus,
  writes: true,
  rate: 'life-cycle',
  run: async (ctx, { projectId, body }) => {
    const changed = await changeKeyState(ctx, { projectId, keyId: body.key_id, operation: 'cancelDeletion' })
    return { key_id: changed.keyId, key_state: changed.state }
  },
})

const renameOperation = operation({
  id: 'UpdateKeyAlias',
  group: 'Keys',
  method: 'POST',
  path: '/v1.0/{project_id}/kms/update-key-alias',
  summary: 'Rename a key',
  body: z.object({ key_id: keyId, key_alias: keyAlias, sequence }),
  result: z.object({ key_info: z.object({ key_id: z.string(), key_alias: z.string() }) }),
  writes: true,
  rate: 'life-cycle',
  run: async (ctx, { projectId, body }) => {
    const renamed = await renameKey(ctx, { projectId, keyId: body.key_id, name: body.key_alias })
    return { key_info: { key_id: renamed.keyId, key_alias: renamed.name } }
  },
})

const descriptionOperation = operation({
  id: 'UpdateKeyDescription',
  group: 'Keys',
  method: 'POST',
  path: '/v1.0/{project_id}/kms/update-key-description',
  summary: 'Change the description of a key',
  body: z.object({ key_id: keyId, key_description: keyDescription, sequence }),
  result: z.object({ key_info: z.object({ key_id: z.string(), key_description: z.string() }) }),
  writes: true,
  rate: 'life-cycle',
  run: async (ctx, { projectId, body }) => {
    const input = { projectId, keyId: body.key_id, description: body.key_description }
    const changed = await updateKeyDescription(ctx, input)
    return { key_info: { key_id: changed.keyId, key_description: changed.description } }
  },
})

/** Creating, finding and changing keys. */
export const keyOperations = [
  createKeyOperation,
  describeKeyOperation,
  listKeysOperation,
  switchOperation('EnableKey', 'enable-key', 'Enable a key'),
  switchOperation('DisableKey', 'disable-key', 'Disable a key'),
  scheduleDeletionOperation,
  cancelDeletionOperation,
  renameOperation,
  descriptionOperation,
]
