import * as z from 'zod'
import { createGrant } from '#lib/kms/grants/create-grant.ts'
import { retireGrant, revokeGrant } from '#lib/kms/grants/end-grant.ts'
import type { GrantPage } from '#lib/kms/grants/grant-view.ts'
import { listGrants, listRetirableGrants } from '#lib/kms/grants/list-grants.ts'
import { grantOperations as grantable } from '#lib/kms/model/key-use.ts'
import { operation } from '../operation.ts'
import { keyId, limit, offsetMarker, sequence, storableText } from '../schemas/fields.ts'
import { millisecondsText } from '../schemas/key-details.ts'
import { refusedWith } from '../schemas/refused-with.ts'

const principal = refusedWith(
  'granteeInvalid',
  z
    .string()
    .regex(/^[a-zA-Z0-9]{1,64}$/)
    .meta({ description: 'Id of a user without hyphens, or of a domain.' }),
)

const grantId = refusedWith('grantNotFound', z.string().regex(/^[A-Fa-f0-9]{64}$/))

const grantPage = z.object({
  grants: z.array(
    z.object({
      key_id: z.string(),
      grant_id: z.string(),
      grantee_principal: z.string(),
      grantee_principal_type: z.string(),
      operations: z.array(z.string()),
      issuing_principal: z.string(),
      creation_date: z.string().meta({ description: 'Milliseconds since 1970.' }),
      name: z.string(),
      retiring_principal: z.string().meta({ description: 'May be empty.' }),
    }),
  ),
  next_marker: z.string().meta({ description: 'Empty on the last page.' }),
  truncated: z.string().meta({ description: 'true or false.' }),
  total: z.int(),
})

const toPage = ({ grants, nextMarker, total }: GrantPage): z.input<typeof grantPage> => ({
  grants: grants.map((grant) => ({
    key_id: grant.keyId,
    grant_id: grant.grantId,
    grantee_principal: grant.granteePrincipal,
    grantee_principal_type: grant.granteeType,
    operations: grant.operations,
    issuing_principal: grant.issuingPrincipal,
    creation_date: millisecondsText(grant.createdAt),
    name: grant.name,
    retiring_principal: grant.retiringPrincipal ?? '',
  })),
  next_marker: nextMarker,
  truncated: String(nextMarker !== ''),
  total,
})

const endOperation = (id: string, path: 'revoke-grant' | 'retire-grant', summary: string) =>
  operation({
    id,
    group: 'Grants',
    method: 'POST',
    path: `/v1.0/{project_id}/kms/${path}`,
    summary,
    body: z.object({ key_id: keyId, grant_id: grantId, sequence }),
    result: z.object({}),
    writes: true,
    run: async (ctx, { projectId, body }) => {
      const end = path === 'revoke-grant' ? revokeGrant : retireGrant
      await end(ctx, { projectId, keyId: body.key_id, grantId: body.grant_id.toLowerCase() })
      return {}
    },
  })

/** Lending the use of a key to others. */
export const grantOperations = [
  operation({
    id: 'CreateGrant',
    group: 'Grants',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/create-grant',
    summary: 'Grant operations with a key',
    body: z.object({
      key_id: keyId,
      grantee_principal: principal,
      operations: z.array(z.enum(grantable)).min(1).max(grantable.length),
      name: storableText(255)
        .refine((name) => name !== '')
        .optional(),
      retiring_principal: principal.optional(),
      grantee_principal_type: z.enum(['user', 'domain']).default('user'),
      sequence,
    }),
    result: z.object({ grant_id: z.string() }),
    writes: true,
    run: async (ctx, { projectId, body }) => {
      const id = await createGrant(ctx, {
        projectId,
        keyId: body.key_id,
        granteePrincipal: body.grantee_principal,
        granteeType: body.grantee_principal_type,
        operations: body.operations,
        name: body.name ?? '',
        retiringPrincipal: body.retiring_principal ?? null,
      })
      return { grant_id: id }
    },
  }),
  endOperation('CancelGrant', 'revoke-grant', 'Revoke a grant, as the owner of the key'),
  endOperation(
    'CancelSelfGrant',
    'retire-grant',
    'Retire a grant, as its issuer, retiring principal or grantee',
  ),
  operation({
    id: 'ListGrants',
    group: 'Grants',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/list-grants',
    summary: 'List the grants of a key',
    body: z.object({ key_id: keyId, limit: limit(100, 100), marker: offsetMarker, sequence }),
    result: grantPage,
    writes: false,
    run: async (ctx, { projectId, body }) => {
      const page = { limit: body.limit, marker: body.marker }
      return toPage(await listGrants(ctx, { projectId, keyId: body.key_id, ...page }))
    },
  }),
  operation({
    id: 'ListRetirableGrants',
    group: 'Grants',
    method: 'POST',
    path: '/v1.0/{project_id}/kms/list-retirable-grants',
    summary: 'List the grants that the caller may retire',
    body: z.object({ limit: limit(100, 100), marker: offsetMarker, sequence }),
    result: grantPage,
    writes: false,
    run: async (ctx, { projectId, body }) =>
      toPage(await listRetirableGrants(ctx, { projectId, limit: body.limit, marker: body.marker })),
  }),
]
