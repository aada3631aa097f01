/**
 * Roles and what they grant. Default deny; a Deny beats every Allow; a role holds in the projects it was assigned in.
 * Source: Huawei KMS, system roles and policies, and the actions per API (Version 1.1 names).
 */
export const actions = [
  'kms:cmk:create',
  'kms:cmk:enable',
  'kms:cmk:disable',
  'kms:cmk:update',
  'kms:cmk:list',
  'kms:cmk:get',
  'kms:cmk:getInstance',
  'kms:cmk:getQuota',
  'kms:cmkTag:list',
  'kms:cmkTag:listInstance',
  'kms:cmkTag:batch',
  'kms:cmkTag:create',
  'kms:cmkTag:delete',
  'kms:cmk:crypto',
  'kms:cmk:generate',
  'kms:cmk:sign',
  'kms:cmk:verify',
  'kms:cmk:getPublicKey',
  'kms:cmk:generateMac',
  'kms:cmk:verifyMac',
  'kms:cmk:getMaterial',
  'kms:cmk:importMaterial',
  'kms:cmk:deleteMaterial',
  'kms:cmk:enableRotation',
  'kms:cmk:disableRotation',
  'kms:cmk:updateRotation',
  'kms:cmk:getRotation',
  'kms:cmk:rotateOnDemand',
  'kms:cmk:replicate',
  'kms:cmk:updatePrimaryRegion',
  'kms:dek:create',
  'kms:dek:crypto',
  'kms:grant:create',
  'kms:grant:revoke',
  'kms:grant:retire',
  'kms:grant:list',
  'kms:alias:create',
  'kms:alias:update',
  'kms:alias:delete',
  'kms:alias:list',
  'kms:audit:verify',
  'kms:audit:update',
  'kms:user:manage',
  'kms:enterpriseProject:create',
] as const

export type Action = (typeof actions)[number]

export type Statement = { Effect: 'Allow' | 'Deny'; Action: readonly string[] }

/** The read actions of the read-only policy: its exact list is not published; these are what reading needs. */
const readActions = [
  'kms:cmk:get',
  'kms:cmk:list',
  'kms:cmk:getInstance',
  'kms:cmk:getQuota',
  'kms:cmk:getRotation',
  'kms:grant:list',
  'kms:alias:list',
  'kms:cmkTag:list',
  'kms:cmkTag:listInstance',
]

export const roles = {
  'KMS Administrator': [{ Effect: 'Allow', Action: ['kms:*'] }],
  'KMS CMKFullAccess': [
    { Effect: 'Allow', Action: ['kms:cmk:*', 'kms:dek:*', 'kms:grant:*', 'kms:cmkTag:*', 'kms:alias:*'] },
  ],
  'KMS CMKReadOnlyAccess': [{ Effect: 'Allow', Action: readActions }],
} as const satisfies Record<string, readonly Statement[]>

export type Role = keyof typeof roles

export const roleNames = Object.keys(roles) as Role[]

export function isRole(value: string): value is Role {
  return Object.hasOwn(roles, value)
}

/** A role and the project in which it holds; null: in all projects of the account. */
export type RoleAssignment = { role: Role; projectId: string | null }

/** What the caller may do, as it stood when the transaction began. */
export type Rights =
  | { kind: 'system' }
  | { kind: 'user'; status: 'active' | 'suspended'; assignments: readonly RoleAssignment[] }

/** No right at all: an unknown user. */
export const noRights: Rights = { kind: 'user', status: 'suspended', assignments: [] }

/** What an action is asked for; `projectId` null: a matter of the whole account. */
export type Resource = { projectId: string | null }

/** Whether the caller may do `action` to `resource`. */
export function can(rights: Rights, action: Action, resource: Resource): boolean {
  if (rights.kind === 'system') return true
  if (rights.status !== 'active') return false
  const statements = rights.assignments
    .filter((assignment) => assignment.projectId === null || assignment.projectId === resource.projectId)
    .flatMap((assignment): readonly Statement[] => roles[assignment.role])
  return permits(statements, action)
}

/** Evaluates policy statements: at least one Allow and no Deny matches. */
export function permits(statements: readonly Statement[], action: string): boolean {
  const matching = statements.filter((statement) =>
    statement.Action.some((pattern) => matches(pattern, action)),
  )
  return (
    matching.some((statement) => statement.Effect === 'Allow') &&
    !matching.some((statement) => statement.Effect === 'Deny')
  )
}

function matches(pattern: string, action: string): boolean {
  return pattern.endsWith('*') ? action.startsWith(pattern.slice(0, -1)) : pattern === action
}

/** The action a key operation needs: deleting and canceling are updates in the product's permission table. */
export const actionOf = {
  enable: 'kms:cmk:enable',
  disable: 'kms:cmk:disable',
  scheduleDeletion: 'kms:cmk:update',
  cancelDeletion: 'kms:cmk:update',
} as const satisfies Record<string, Action>
