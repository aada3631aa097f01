import { Prisma } from '#lib/db/generated/client.ts'
import { errorMessage } from '../model/errors.ts'
import type { KeySpec, KeyUsage } from '../model/key-spec.ts'
import { decide, type KeyFacts, type KeyState, type keyOperations, refusalWords } from '../model/key-state.ts'
import { actionOf, can, type Rights } from '../model/permissions.ts'
import type { KeyView, Refusals } from '../model/views.ts'

/** A key as the queries of this folder select it. */
export type KeyRow = {
  id: string
  name: string
  description: string
  project_id: string
  state: KeyState
  spec: KeySpec
  usage: KeyUsage
  origin: 'kms' | 'external'
  enterprise_project_id: string
  enterprise_project_name: string
  is_default: boolean
  has_material: boolean
  has_replicas: boolean
  revision: number
  created_at: Date
  state_changed_at: Date
  deletion_at: Date | null
  material_expires_at: Date | null
  last_used_at: Date | null
  calls_30_days: bigint
  refused_30_days: bigint
}

/** A key whose deletion moment has come does not exist for anyone, even before its material is destroyed. */
export const notDue = (now: Date): Prisma.Sql =>
  Prisma.sql`NOT (k.state = '4' AND k.deletion_at <= ${now}::timestamptz)`

// Scalar look-ups by index, not EXISTS: from a few hundred keys on the planner would rather hash the whole other table.
/** Whether every version that ciphertexts were sealed with can be opened; a version waiting for rotation does not count. */
export const hasMaterial = Prisma.sql`coalesce((SELECT bool_and(m.sealed IS NOT NULL
    AND (m.expires_at IS NULL OR m.expires_at > clock_timestamp())) FROM material_version m
  WHERE m.account_id = k.account_id AND m.set_id = k.material_set_id AND m.activated_at IS NOT NULL), false)`

/** When imported material stops being usable: the first moment of the versions that were used. */
export const materialExpiry = Prisma.sql`(SELECT min(m.expires_at) FROM material_version m
  WHERE m.account_id = k.account_id AND m.set_id = k.material_set_id AND m.sealed IS NOT NULL
    AND m.activated_at IS NOT NULL)`

export const hasReplicas = Prisma.sql`((SELECT true FROM key r
  WHERE r.account_id = k.account_id AND r.primary_key_id = k.id LIMIT 1) IS NOT NULL)`

export const keyColumns = Prisma.sql`k.id, k.name, k.description, k.project_id, k.state, k.spec, k.usage, k.origin,
  k.enterprise_project_id, e.name AS enterprise_project_name, k.is_default, ${hasMaterial} AS has_material,
  ${hasReplicas} AS has_replicas, k.revision, k.created_at, k.state_changed_at, k.deletion_at, ${materialExpiry} AS material_expires_at,
  u.last_used_at, u.calls_30_days, u.refused_30_days`

/** What the columns need beside `k`: its enterprise project, and the one row of its use. */
export const keyJoins = Prisma.sql`JOIN enterprise_project e
    ON e.account_id = k.account_id AND e.id = k.enterprise_project_id
  JOIN key_activity u ON u.account_id = k.account_id AND u.key_id = k.id`

/** What the caller sees of a key, with the reason for each operation that is not possible. */
export function toKeyView(row: KeyRow, rights: Rights): KeyView {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    projectId: row.project_id,
    state: row.state,
    spec: row.spec,
    usage: row.usage,
    origin: row.origin,
    enterpriseProject: { id: row.enterprise_project_id, name: row.enterprise_project_name },
    isDefault: row.is_default,
    hasMaterial: row.has_material,
    revision: row.revision,
    createdAt: row.created_at.toISOString(),
    stateChangedAt: row.state_changed_at.toISOString(),
    deletionAt: row.deletion_at?.toISOString() ?? null,
    materialExpiresAt: row.material_expires_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    calls30Days: Number(row.calls_30_days),
    refusedCalls30Days: Number(row.refused_30_days),
    refusals: refusalsOf(
      {
        state: row.state,
        isDefault: row.is_default,
        hasMaterial: row.has_material,
        hasReplicas: row.has_replicas,
      },
      row.project_id,
      rights,
    ),
  }
}

function refusalsOf(key: KeyFacts, projectId: string, rights: Rights): Refusals {
  const refusal = (operation: (typeof keyOperations)[number]): string | null => {
    if (!can(rights, actionOf[operation], { projectId })) return errorMessage('notPermitted')
    const decision = decide(operation, key)
    if (decision.allowed) return null
    if (decision.reason === 'defaultKey' || decision.reason === 'keyHasReplicas')
      return errorMessage(decision.reason)
    return refusalWords(operation, key.state)
  }
  return {
    enable: refusal('enable'),
    disable: refusal('disable'),
    scheduleDeletion: refusal('scheduleDeletion'),
    cancelDeletion: refusal('cancelDeletion'),
  }
}
