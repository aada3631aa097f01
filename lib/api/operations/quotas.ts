import * as z from 'zod'
import { countInstances } from '#lib/kms/quotas/count-instances.ts'
import { readQuotas } from '#lib/kms/quotas/read-quotas.ts'
import { operation } from '../operation.ts'

const quota = z.object({ type: z.string(), used: z.int(), quota: z.int() })

/** What a project holds and may hold. */
export const quotaOperations = [
  operation({
    id: 'ShowUserInstances',
    group: 'Quotas',
    method: 'GET',
    path: '/v1.0/{project_id}/kms/user-instances',
    summary: 'Count the keys of the project, default keys left out',
    result: z.object({ instance_num: z.int() }),
    writes: false,
    run: async (ctx, { projectId }) => ({ instance_num: await countInstances(ctx, { projectId }) }),
  }),
  operation({
    id: 'ShowUserQuotas',
    group: 'Quotas',
    method: 'GET',
    path: '/v1.0/{project_id}/kms/user-quotas',
    summary: 'Read the quotas of the project',
    result: z.object({ quotas: z.object({ resources: z.array(quota) }) }),
    writes: false,
    run: async (ctx, { projectId }) => {
      const { keys, grantsPerKey } = await readQuotas(ctx, { projectId })
      return {
        quotas: {
          resources: [
            { type: 'CMK', ...keys },
            { type: 'grant_per_CMK', ...grantsPerKey },
          ],
        },
      }
    },
  }),
]
