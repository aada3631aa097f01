import * as z from 'zod'
import { KmsError } from '#lib/kms/model/errors.ts'
import { readOwnDomain } from '#lib/kms/projects/read-own-domain.ts'
import { listReplicaRegions } from '#lib/kms/replicas/list-replica-regions.ts'
import { replicateKey } from '#lib/kms/replicas/replicate-key.ts'
import { updatePrimaryRegion } from '#lib/kms/replicas/update-primary-region.ts'
import { operation } from '../operation.ts'
import { enterpriseProjectId, keyAlias, keyDescription, keyId, limit, offset } from '../schemas/fields.ts'
import { refusedWith } from '../schemas/refused-with.ts'
import { tagList } from '../schemas/tags.ts'

const region = refusedWith('replicaRegionInvalid', z.string().regex(/^[a-z0-9-]{1,64}$/))

const ofKey = z.object({ key_id: keyId })

/** The key stands in the path and once more in the body. */
function requireSameKey(path: string, body: string): void {
  if (path !== body) {
    throw new KmsError('keyIdInvalid', { message: 'key_id of the body is not that of the path.' })
  }
}

/** Keys that share their material over regions. */
export const replicaOperations = [
  operation({
    id: 'ListSupportRegions',
    group: 'Replicas',
    method: 'GET',
    path: '/v2/{project_id}/kms/regions',
    summary: 'List the regions for replicas',
    query: z.object({ limit: limit(100, 10), offset }),
    result: z.object({ regions: z.array(z.string()) }),
    writes: false,
    run: async (ctx, { projectId, query }) => ({
      regions: await listReplicaRegions(ctx, { projectId, limit: query.limit, offset: query.offset }),
    }),
  }),
  operation({
    id: 'ReplicateKey',
    group: 'Replicas',
    method: 'POST',
    path: '/v2/{project_id}/kms/keys/{key_id}/replicate',
    summary: 'Replicate a key into another region',
    params: ofKey,
    body: z.object({
      key_id: keyId,
      replica_region: region,
      key_alias: keyAlias,
      replica_project_id: z.string().regex(/^[0-9a-f]{32}$/),
      key_description: keyDescription.default(''),
      enterprise_project_id: enterpriseProjectId.default('0'),
      tags: tagList.optional(),
    }),
    result: z.object({ key_id: z.string(), domain_id: z.string(), region: z.string() }),
    writes: true,
    run: async (ctx, { projectId, params, body }) => {
      requireSameKey(params.key_id, body.key_id)
      // Asked before: once the replica is made, nothing may fail that would be told as "nothing was done".
      const { domainId } = await readOwnDomain(ctx, { projectId })
      const replica = await replicateKey(ctx, {
        projectId,
        keyId: body.key_id,
        replicaRegion: body.replica_region,
        replicaProjectId: body.replica_project_id,
        name: body.key_alias,
        description: body.key_description,
        enterpriseProjectId: body.enterprise_project_id,
        tags: body.tags ?? [],
      })
      return { key_id: replica.id, domain_id: domainId, region: body.replica_region }
    },
  }),
  operation({
    id: 'UpdatePrimaryRegion',
    group: 'Replicas',
    method: 'PUT',
    path: '/v2/{project_id}/kms/keys/{key_id}/update-primary-region',
    summary: 'Make the replica of another region the primary key',
    params: ofKey,
    body: z.object({ key_id: keyId, primary_region: region }),
    result: z.object({ key_id: z.string(), primary_region: z.string() }),
    writes: true,
    run: async (ctx, { projectId, params, body }) => {
      requireSameKey(params.key_id, body.key_id)
      const input = { projectId, keyId: body.key_id, primaryRegion: body.primary_region }
      const changed = await updatePrimaryRegion(ctx, input)
      return { key_id: changed.keyId, primary_region: changed.primaryRegion }
    },
  }),
]
