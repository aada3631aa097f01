import * as z from 'zod'
import { KmsError } from '#lib/kms/model/errors.ts'
import { deleteTags, setTags } from '#lib/kms/tags/change-tags.ts'
import { findTaggedKeys } from '#lib/kms/tags/find-tagged-keys.ts'
import { readProjectTags, readTags } from '#lib/kms/tags/read-tags.ts'
import { operation } from '../operation.ts'
import { keyId, limit, sequence, storableText, wholeNumber } from '../schemas/fields.ts'
import { keyDetails, toKeyDetails } from '../schemas/key-details.ts'
import { refusedWith, ruleWith } from '../schemas/refused-with.ts'
import { tag, tagItem, tagKey, tagList, tagValue } from '../schemas/tags.ts'

const ofKey = z.object({ key_id: keyId })

const filterTag = z.object({ key: tagKey, values: z.array(tagValue).max(20).default([]) })

const match = z.object({ key: z.literal('resource_name'), value: storableText(255) })

const findOperation = operation({
  id: 'ListKmsByTags',
  group: 'Tags',
  method: 'POST',
  path: '/v1.0/{project_id}/kms/resource_instances/action',
  summary: 'Find or count keys by their tags',
  body: z.object({
    action: refusedWith('tagActionInvalid', z.enum(['filter', 'count'])),
    limit: limit(1000, 10),
    offset: refusedWith(
      'tagOffsetInvalid',
      wholeNumber(0, 999_999_999).meta({ description: 'How many keys to pass over; for filter only.' }),
    ).optional(),
    tags: refusedWith('tagInvalid', z.array(filterTag).max(20))
      .default([])
      .meta({ description: 'A key must carry all of them, each with one of its values.' }),
    matches: refusedWith('tagMatchesInvalid', z.array(match).max(1)).default([]),
    sequence,
  }),
  result: z.object({
    resources: z
      .array(
        z.object({
          resource_id: z.string(),
          resource_detail: keyDetails,
          resource_name: z.string(),
          tags: z.array(tagItem),
        }),
      )
      .optional()
      .meta({ description: 'Left out by count.' }),
    total_count: z.int(),
  }),
  writes: false,
  run: async (ctx, { projectId, body }) => {
    if (body.action === 'count' && body.offset !== undefined) throw new KmsError('tagOffsetNotWanted')
    const { keys, total } = await findTaggedKeys(ctx, {
      projectId,
      tags: body.tags,
      name: body.matches[0]?.value,
      limit: body.action === 'count' ? 0 : body.limit,
      offset: body.offset ?? 0,
    })
    if (body.action === 'count') return { total_count: total }
    const resources = keys.map(({ tags, ...key }) => ({
      resource_id: key.id,
      resource_detail: toKeyDetails(key),
      resource_name: key.name,
      tags,
    }))
    return { resources, total_count: total }
  },
})

/** Tags of keys. Writing them answers 204. */
export const tagOperations = [
  operation({
    id: 'ShowKmsTags',
    group: 'Tags',
    method: 'GET',
    path: '/v1.0/{project_id}/kms/{key_id}/tags',
    summary: 'Read the tags of a key',
    params: ofKey,
    result: z.object({ tags: z.array(tagItem), existTagsNum: z.int() }),
    writes: false,
    run: async (ctx, { projectId, params }) => {
      const tags = await readTags(ctx, { projectId, keyId: params.key_id })
      return { tags, existTagsNum: tags.length }
    },
  }),
  operation({
    id: 'CreateKmsTag',
    group: 'Tags',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/{key_id}/tags',
    summary: 'Set a tag of a key',
    params: ofKey,
    body: z.object({ tag, sequence }),
    result: null,
    writes: true,
    run: async (ctx, { projectId, params, body }) => {
      await setTags(ctx, { projectId, keyId: params.key_id, tags: [body.tag] })
      return undefined
    },
  }),
  operation({
    id: 'BatchCreateKmsTags',
    group: 'Tags',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/{key_id}/tags/action',
    summary: 'Set or delete several tags of a key',
    params: ofKey,
    body: z.object({
      action: refusedWith('tagActionInvalid', z.enum(['create', 'delete'])),
      tags: tagList,
      sequence,
    }),
    result: null,
    writes: true,
    run: async (ctx, { projectId, params, body }) => {
      const input = { projectId, keyId: params.key_id }
      if (body.action === 'create') await setTags(ctx, { ...input, tags: body.tags })
      else await deleteTags(ctx, { ...input, keys: body.tags.map(({ key }) => key), mustExist: false })
      return undefined
    },
  }),
  operation({
    id: 'DeleteTag',
    group: 'Tags',
    method: 'DELETE',
    path: '/v1.0/{project_id}/kms/{key_id}/tags/{key}',
    summary: 'Delete a tag of a key',
    params: ofKey.extend({
      // The console allows longer keys than the API does; they can be deleted here too.
      key: refusedWith(
        'tagKeyInvalid',
        storableText(128).refine((key) => key !== '', ruleWith('tagKeyLengthInvalid')),
      ),
    }),
    result: null,
    writes: true,
    run: async (ctx, { projectId, params }) => {
      await deleteTags(ctx, { projectId, keyId: params.key_id, keys: [params.key], mustExist: true })
      return undefined
    },
  }),
  operation({
    id: 'ListKmsTags',
    group: 'Tags',
    method: 'GET',
    path: '/v1.0/{project_id}/kms/tags',
    summary: 'List every tag of the project’s keys',
    result: z.object({ tags: z.array(z.object({ key: z.string(), values: z.array(z.string()) })) }),
    writes: false,
    run: async (ctx, { projectId }) => ({ tags: await readProjectTags(ctx, { projectId }) }),
  }),
  findOperation,
]
