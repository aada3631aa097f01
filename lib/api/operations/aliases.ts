import * as z from 'zod'
import type { AliasView } from '#lib/kms/aliases/alias-view.ts'
import { associateAlias } from '#lib/kms/aliases/associate-alias.ts'
import { createAlias } from '#lib/kms/aliases/create-alias.ts'
import { deleteAliases } from '#lib/kms/aliases/delete-aliases.ts'
import { listAliases } from '#lib/kms/aliases/list-aliases.ts'
import { operation } from '../operation.ts'
import { keyId, limit, sequence } from '../schemas/fields.ts'
import { millisecondsText } from '../schemas/key-details.ts'
import { refusedWith } from '../schemas/refused-with.ts'

const alias = refusedWith(
  'aliasInvalid',
  z
    .string()
    .regex(/^alias\/[a-zA-Z0-9:/_-]{1,255}$/)
    .refine((name) => !name.endsWith('/default'))
    .meta({ description: 'alias/<name>, unique in the account and region.' }),
)

const aliasEntity = z.object({
  domain_id: z.string(),
  key_id: z.string(),
  alias: z.string(),
  alias_urn: z.string(),
  create_time: z.string().meta({ description: 'Milliseconds since 1970.' }),
  update_time: z.string().meta({ description: 'Milliseconds since 1970.' }),
})

const toEntity = (view: AliasView): z.input<typeof aliasEntity> => ({
  domain_id: view.domainId,
  key_id: view.keyId,
  alias: view.alias,
  alias_urn: view.aliasUrn,
  create_time: millisecondsText(view.createdAt),
  update_time: millisecondsText(view.updatedAt),
})

/** Further names of keys, by which calls may use them, and which can move from key to key. */
export const aliasOperations = [
  operation({
    id: 'CreateAlias',
    group: 'Aliases',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/aliases',
    summary: 'Give a key an alias',
    body: z.object({ key_id: keyId, alias, sequence }),
    result: aliasEntity,
    writes: true,
    run: async (ctx, { projectId, body }) =>
      toEntity(await createAlias(ctx, { projectId, keyId: body.key_id, alias: body.alias })),
  }),
  operation({
    id: 'ListAliases',
    group: 'Aliases',
    method: 'GET',
    path: '/v1.0/{project_id}/kms/aliases',
    summary: 'List aliases',
    query: z.object({
      key_id: z
        .union([z.literal(''), keyId])
        .optional()
        .meta({ description: 'Only those of this key.' }),
      limit: limit(100, 50),
      marker: refusedWith('markerInvalid', z.union([z.literal(''), alias])).optional(),
    }),
    result: z.object({
      aliases: z.array(aliasEntity),
      page_info: z.object({
        next_marker: z.string().meta({ description: 'Empty on the last page.' }),
        current_count: z.int(),
      }),
    }),
    writes: false,
    run: async (ctx, { projectId, query }) => {
      const { aliases, nextMarker } = await listAliases(ctx, {
        projectId,
        keyId: query.key_id || undefined,
        limit: query.limit,
        marker: query.marker,
      })
      return {
        aliases: aliases.map(toEntity),
        page_info: { next_marker: nextMarker, current_count: aliases.length },
      }
    },
  }),
  operation({
    id: 'DeleteAlias',
    group: 'Aliases',
    method: 'DELETE',
    path: '/v1.0/{project_id}/kms/aliases',
    summary: 'Take aliases from a key',
    body: z.object({
      key_id: keyId,
      aliases: refusedWith('aliasInvalid', z.array(alias).min(1).max(50)),
      sequence,
    }),
    result: z.object({}),
    writes: true,
    run: async (ctx, { projectId, body }) => {
      await deleteAliases(ctx, { projectId, keyId: body.key_id, aliases: body.aliases })
      return {}
    },
  }),
  operation({
    id: 'AssociateAlias',
    group: 'Aliases',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/alias/associate',
    summary: 'Move an alias to another key',
    body: z.object({ alias, target_key_id: keyId, sequence }),
    result: aliasEntity,
    writes: true,
    run: async (ctx, { projectId, body }) =>
      toEntity(await associateAlias(ctx, { projectId, alias: body.alias, targetKeyId: body.target_key_id })),
  }),
]
