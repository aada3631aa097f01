import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeAccessKey } from '#lib/kms/access/make-access-key.ts'
import { createDefaultKey } from '#lib/kms/keys/create-default-key.ts'
import { codeIn } from './testing/calls.ts'
import type { Credentials } from './testing/real-client.ts'
import { send, sendSigned } from './testing/signed-request.ts'
import { type TestEndpoint, testEndpoint } from './testing/test-endpoint.ts'

/** Every request here deserves several refusals: the first by the table of docs/api.md is told. */
let endpoint: TestEndpoint
let reader: Pick<Credentials, 'id' | 'secret'>

beforeAll(async () => {
  endpoint = await testEndpoint()
  const { world } = endpoint
  const user = await world.userWith(['KMS CMKReadOnlyAccess'])
  reader = await makeAccessKey(world.ctx, { userId: user.actor.id })
})

afterAll(() => endpoint[Symbol.asyncDispose]())

const path = (name: string, projectId = endpoint.world.projectId) => `/v1.0/${projectId}/kms/${name}`

type Request = {
  method?: string
  url: string
  body?: string | object
  by?: Pick<Credentials, 'id' | 'secret'> | 'nobody'
}

async function refusal({
  method = 'POST',
  url,
  body = '{',
  by = endpoint.credentials,
}: Request): Promise<string> {
  const text = typeof body === 'string' ? body : JSON.stringify({ sequence: randomUUID(), ...body })
  const request = { method, url, body: text }
  const answer =
    by === 'nobody' ? await send(endpoint.url, request, {}) : await sendSigned(endpoint.url, by, request)
  return `${answer.status} ${codeIn(answer.body)}`
}

const key_id = '0d0466b0-e727-4d9c-b35d-f84bb474a37f'

test('a path comes before who calls', async () => {
  expect(await refusal({ url: path('no-such-call'), by: 'nobody' })).toBe('404 KMS.0201')
  expect(await refusal({ url: path('create-key'), method: 'PUT', by: 'nobody' })).toBe('405 KMS.0215')
})

test('who calls comes before the project', async () => {
  expect(await refusal({ url: path('create-key', '0'.repeat(32)), by: 'nobody' })).toBe('401 APIGW.0301')
})

test('the project comes before the body', async () => {
  expect(await refusal({ url: path('create-key', '0'.repeat(32)), by: reader })).toBe('403 KMS.0321')
})

test('the body comes before its fields, and both before permission', async () => {
  expect(await refusal({ url: path('create-key'), by: reader })).toBe('400 KMS.0202')
  expect(await refusal({ url: path('create-key'), by: reader, body: {} })).toBe('400 KMS.0204')
  expect(await refusal({ url: path('create-key'), by: reader, body: { key_alias: ' ' } })).toBe(
    '400 KMS.1101',
  )
})

test('of several fields the first of the table is told, a missing one as missing', async () => {
  const body = { key_spec: 'x', key_description: 1 }
  expect(await refusal({ url: path('create-key'), body })).toBe('400 KMS.0204')
  expect(await refusal({ url: path('create-key'), body: { ...body, key_alias: 'a' } })).toBe('400 KMS.1110')
  expect(await refusal({ url: path('enable-key'), body: { sequence: 'x' } })).toBe('400 KMS.0204')
  expect(await refusal({ url: path('enable-key'), body: { key_id, sequence: 'x' } })).toBe('400 KMS.0206')
  expect(await refusal({ url: path('enable-key'), body: { key_id: 'x', sequence: 'x' } })).toBe(
    '400 KMS.0205',
  )
})

test('permission comes before whether the key exists', async () => {
  for (const [name, more] of [
    ['enable-key', {}],
    ['schedule-key-deletion', { pending_days: '7' }],
    ['update-key-alias', { key_alias: 'a' }],
    ['encrypt-data', { plain_text: 'x' }],
    ['enable-key-rotation', {}],
    ['create-grant', { grantee_principal: '0'.repeat(32), operations: ['encrypt-data'] }],
  ] as const) {
    const body = { key_id, ...more }
    expect(await refusal({ url: path(name), by: reader, body }), name).toBeOneOf([
      '403 KMS.0307',
      '400 KMS.2402',
    ])
  }
})

test('a key that does not exist comes before its state', async () => {
  for (const name of ['enable-key', 'disable-key', 'cancel-key-deletion', 'enable-key-rotation'])
    expect(await refusal({ url: path(name), body: { key_id } }), name).toBe('404 KMS.0207')
})

test('a default key comes before its state', async () => {
  const { world } = endpoint
  const { id } = await createDefaultKey(world.ctx, { projectId: world.projectId, service: 'obs' })
  for (const [name, more] of [
    ['enable-key', {}],
    ['disable-key', {}],
    ['cancel-key-deletion', {}],
    ['schedule-key-deletion', { pending_days: 7 }],
    ['update-key-description', { key_description: 'x' }],
    ['enable-key-rotation', {}],
  ] as const)
    expect(await refusal({ url: path(name), body: { key_id: id, ...more } }), name).toBe('400 KMS.0211')
})

test('state comes before usage, usage before the algorithm, the algorithm before sizes', async () => {
  const signer = await endpoint.world.makeKey({ spec: 'RSA_2048', usage: 'SIGN_VERIFY' })
  const body = { key_id: signer.id, plain_text: 'x'.repeat(500), encryption_algorithm: 'SM2_ENCRYPT' }
  expect(await refusal({ url: path('encrypt-data'), body })).toBe('400 KMS.0335')
  const message = Buffer.from('not a digest').toString('base64')
  const signing = { key_id: signer.id, message, signing_algorithm: 'ECDSA_SHA_256' }
  expect(await refusal({ url: path('sign'), body: signing })).toBe('400 KMS.0332')
  const sized = { ...signing, signing_algorithm: 'RSASSA_PSS_SHA_256' }
  expect(await refusal({ url: path('sign'), body: sized })).toBe('400 KMS.0329')
  await sendSigned(endpoint.url, endpoint.credentials, {
    method: 'POST',
    url: path('disable-key'),
    body: JSON.stringify({ key_id: signer.id }),
  })
  expect(await refusal({ url: path('encrypt-data'), body })).toBe('400 KMS.0209')
})
