import { describe, expect, test } from 'vitest'
import {
  type Action,
  actionOf,
  actions,
  can,
  permits,
  type Rights,
  type Role,
  roleNames,
  type Statement,
} from './permissions.ts'

const own = 'a'.repeat(32)
const other = 'b'.repeat(32)

const user = (role: Role, projectId: string | null, status: 'active' | 'suspended' = 'active'): Rights => ({
  kind: 'user',
  status,
  assignments: [{ role, projectId }],
})

const [administrator, full, readOnly] = [
  'KMS Administrator',
  'KMS CMKFullAccess',
  'KMS CMKReadOnlyAccess',
] as const

/** Action × role. Source: Huawei KMS, system roles and policies, and actions per API. */
const table: Record<Action, Role[]> = {
  'kms:cmk:create': [administrator, full],
  'kms:cmk:enable': [administrator, full],
  'kms:cmk:disable': [administrator, full],
  'kms:cmk:update': [administrator, full],
  'kms:cmk:list': [administrator, full, readOnly],
  'kms:cmk:get': [administrator, full, readOnly],
  'kms:cmk:getInstance': [administrator, full, readOnly],
  'kms:cmk:getQuota': [administrator, full, readOnly],
  'kms:cmkTag:list': [administrator, full, readOnly],
  'kms:cmkTag:listInstance': [administrator, full, readOnly],
  'kms:cmkTag:batch': [administrator, full],
  'kms:cmkTag:create': [administrator, full],
  'kms:cmkTag:delete': [administrator, full],
  'kms:cmk:crypto': [administrator, full],
  'kms:cmk:generate': [administrator, full],
  'kms:cmk:sign': [administrator, full],
  'kms:cmk:verify': [administrator, full],
  'kms:cmk:getPublicKey': [administrator, full],
  'kms:cmk:generateMac': [administrator, full],
  'kms:cmk:verifyMac': [administrator, full],
  'kms:cmk:getMaterial': [administrator, full],
  'kms:cmk:importMaterial': [administrator, full],
  'kms:cmk:deleteMaterial': [administrator, full],
  'kms:cmk:enableRotation': [administrator, full],
  'kms:cmk:disableRotation': [administrator, full],
  'kms:cmk:updateRotation': [administrator, full],
  'kms:cmk:getRotation': [administrator, full, readOnly],
  'kms:cmk:rotateOnDemand': [administrator, full],
  'kms:cmk:replicate': [administrator, full],
  'kms:cmk:updatePrimaryRegion': [administrator, full],
  'kms:dek:create': [administrator, full],
  'kms:dek:crypto': [administrator, full],
  'kms:grant:create': [administrator, full],
  'kms:grant:revoke': [administrator, full],
  'kms:grant:retire': [administrator, full],
  'kms:grant:list': [administrator, full, readOnly],
  'kms:alias:create': [administrator, full],
  'kms:alias:update': [administrator, full],
  'kms:alias:delete': [administrator, full],
  'kms:alias:list': [administrator, full, readOnly],
  'kms:audit:verify': [administrator],
  'kms:audit:update': [administrator],
  'kms:user:manage': [administrator],
  'kms:enterpriseProject:create': [administrator],
}

const cells = actions.flatMap((action) =>
  roleNames.map((role) => [role, action, (table[action] ?? []).includes(role)] as const),
)

test('the table names every action and every role', () => {
  expect(Object.keys(table).toSorted()).toEqual([...actions].toSorted())
  expect([...roleNames].toSorted()).toEqual([administrator, full, readOnly].toSorted())
})

describe.each(cells)('%s, %s: %s', (role, action, allowed) => {
  test('in all projects, where the role holds in all', () => {
    for (const projectId of [own, other, null]) {
      expect(can(user(role, null), action, { projectId })).toBe(allowed)
    }
  })

  test('in its project only, where the role holds in one', () => {
    expect(can(user(role, own), action, { projectId: own })).toBe(allowed)
    expect(can(user(role, own), action, { projectId: other })).toBe(false)
    expect(can(user(role, own), action, { projectId: null })).toBe(false)
  })

  test('never for a suspended user', () => {
    for (const assigned of [null, own]) {
      expect(can(user(role, assigned, 'suspended'), action, { projectId: own })).toBe(false)
    }
  })
})

test('without a role nothing is allowed', () => {
  for (const action of actions) {
    expect(can({ kind: 'user', status: 'active', assignments: [] }, action, { projectId: own })).toBe(false)
  }
})

test('rights of several roles add up, each in its project', () => {
  const rights: Rights = {
    kind: 'user',
    status: 'active',
    assignments: [
      { role: readOnly, projectId: null },
      { role: full, projectId: own },
    ],
  }
  expect(can(rights, 'kms:cmk:disable', { projectId: own })).toBe(true)
  expect(can(rights, 'kms:cmk:disable', { projectId: other })).toBe(false)
  expect(can(rights, 'kms:cmk:list', { projectId: other })).toBe(true)
})

test('Keystead itself may do everything it is asked to', () => {
  for (const action of actions) expect(can({ kind: 'system' }, action, { projectId: null })).toBe(true)
})

describe('policy statements', () => {
  const allow = (...Action: string[]): Statement => ({ Effect: 'Allow', Action })
  const deny = (...Action: string[]): Statement => ({ Effect: 'Deny', Action })

  test.each([
    ['nothing said', [], false],
    ['allowed', [allow('kms:cmk:disable')], true],
    ['something else allowed', [allow('kms:cmk:enable')], false],
    ['allowed by a pattern', [allow('kms:cmk:*')], true],
    ['allowed by the widest pattern', [allow('kms:*')], true],
    ['allowed by a pattern of another resource', [allow('kms:cmkTag:*')], false],
    ['allowed in the second statement', [allow('kms:cmk:list'), allow('kms:cmk:disable')], true],
    ['denied alone', [deny('kms:cmk:disable')], false],
    ['something else denied', [allow('kms:cmk:*'), deny('kms:cmk:enable')], true],
    ['denied after it was allowed', [allow('kms:cmk:disable'), deny('kms:cmk:disable')], false],
    ['denied before it was allowed', [deny('kms:cmk:disable'), allow('kms:cmk:disable')], false],
    ['denied by a pattern, allowed by name', [allow('kms:cmk:disable'), deny('kms:*')], false],
    ['denied by name, allowed by a pattern', [allow('kms:*'), deny('kms:cmk:disable')], false],
    ['a pattern is no substring', [allow('cmk:disable'), allow('kms:cmk:dis')], false],
    ['letters of the other case', [allow('KMS:CMK:DISABLE')], false],
  ] as const)('%s: %o', (_, statements, allowed) => {
    expect(permits(statements, 'kms:cmk:disable')).toBe(allowed)
  })
})

test('each operation on keys asks for the action of its API', () => {
  expect(actionOf).toEqual({
    enable: 'kms:cmk:enable',
    disable: 'kms:cmk:disable',
    scheduleDeletion: 'kms:cmk:update',
    cancelDeletion: 'kms:cmk:update',
  })
})
