import { constants, createHash, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { principalOf } from '#lib/kms/operations/find-grant.ts'
import { codeIn } from './testing/calls.ts'
import { sendSigned } from './testing/signed-request.ts'
import { type TestEndpoint, testEndpoint } from './testing/test-endpoint.ts'

/**
 * The calls of the product's Terraform provider, in its order and with its JSON, written down from its source. Its HTTP
 * client takes 200, 201 and 202 for done, wants a JSON object back from every POST but the tags' one, and signs all
 * headers it sends.
 */
let endpoint: TestEndpoint

beforeAll(async () => {
  endpoint = await testEndpoint()
})

afterAll(() => endpoint[Symbol.asyncDispose]())

type Json = Record<string, unknown>

async function call(
  method: string,
  path: string,
  body?: Json,
  version = 'v1.0',
): Promise<{ status: number; json: Json }> {
  const { credentials, world, url } = endpoint
  const answer = await sendSigned(url, credentials, {
    method,
    url: `/${version}/${world.projectId}/${path}`,
    ...(body ? { body: JSON.stringify(body) } : {}),
    headers: {
      'x-project-id': world.projectId,
      accept: 'application/json',
      'user-agent': 'terraform-provider',
    },
  })
  if (answer.status >= 400) return { status: answer.status, json: { code: codeIn(answer.body) } }
  if (answer.status === 204) {
    expect(path).toMatch(/tags/)
    return { status: 204, json: {} }
  }
  expect([200, 201, 202]).toContain(answer.status)
  return { status: answer.status, json: JSON.parse(answer.body) as Json }
}

const post = async (path: string, body: Json): Promise<Json> => (await call('POST', `kms/${path}`, body)).json

let made = 0

async function createKey(body: Json = {}): Promise<string> {
  const { key_info } = await post('create-key', {
    key_alias: `tf-${++made}`,
    key_description: 'made by terraform',
    enterprise_project_id: '0',
    ...body,
  })
  return (key_info as { key_id: string }).key_id
}

const detailsOf = async (key_id: string) =>
  (await post('describe-key', { key_id })).key_info as Record<string, string>

test('huaweicloud_kms_key', async () => {
  const key_id = await createKey({ key_spec: 'AES_256', key_usage: 'ENCRYPT_DECRYPT', origin: 'kms' })
  const created = await detailsOf(key_id)
  expect(created).toMatchObject({
    key_state: '2',
    key_usage: 'ENCRYPT_DECRYPT',
    origin: 'kms',
    sys_enterprise_project_id: '0',
  })
  for (const field of ['keystore_id', 'default_key_flag', 'creation_date', 'domain_id', 'realm'])
    expect(created[field]).toMatch(/./)
  for (const value of Object.values(created)) expect(value).toBeTypeOf('string')

  expect(await post('disable-key', { key_id })).toEqual({ key_info: { key_id, key_state: '3' } })
  const tags = [
    { key: 'foo', value: 'bar' },
    { key: 'key', value: 'value' },
  ]
  expect((await call('POST', `kms/${key_id}/tags/action`, { action: 'create', tags })).status).toBe(204)
  expect(await post('enable-key', { key_id })).toEqual({ key_info: { key_id, key_state: '2' } })
  expect(await post('enable-key-rotation', { key_id })).toEqual({})
  expect(await post('update-key-rotation-interval', { key_id, rotation_interval: 200 })).toEqual({})

  const read = await call('GET', `kms/${key_id}/tags`)
  expect(read.json).toEqual({ tags, existTagsNum: 2 })
  expect(await post('get-key-rotation-status', { key_id })).toMatchObject({
    key_rotation_enabled: true,
    rotation_interval: 200,
    number_of_rotations: 0,
  })

  expect(await post('update-key-alias', { key_id, key_alias: 'tf-renamed' })).toEqual({
    key_info: { key_id, key_alias: 'tf-renamed' },
  })
  expect(await post('update-key-description', { key_id, key_description: 'again' })).toEqual({
    key_info: { key_id, key_description: 'again' },
  })
  expect((await call('POST', `kms/${key_id}/tags/action`, { action: 'delete', tags })).status).toBe(204)
  expect(await post('disable-key-rotation', { key_id })).toEqual({})

  expect((await detailsOf(key_id)).key_state).toBe('2')
  expect(await post('schedule-key-deletion', { key_id, pending_days: '7' })).toEqual({
    key_id,
    key_state: '4',
  })
  // State 4 is read as gone, but it is described.
  expect((await detailsOf(key_id)).key_state).toBe('4')
  expect(await post('cancel-key-deletion', { key_id })).toEqual({ key_id, key_state: '3' })
})

test('huaweicloud_kms_key_material', async () => {
  const key_id = await createKey({ origin: 'external' })
  expect((await detailsOf(key_id)).key_state).toBe('5')
  const parameters = await post('get-parameters-for-import', {
    key_id,
    wrapping_algorithm: 'RSAES_OAEP_SHA_256',
  })
  expect(parameters.expiration_time).toBeTypeOf('number')
  const key = createPublicKey({
    key: Buffer.from(String(parameters.public_key), 'base64'),
    format: 'der',
    type: 'spki',
  })
  const wrapped = publicEncrypt(
    { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
    randomBytes(32),
  )
  const expiration_time = String(Math.floor(Date.now() / 1_000) + 864_000)
  const imported = await post('import-key-material', {
    key_id,
    import_token: parameters.import_token,
    encrypted_key_material: wrapped.toString('base64'),
    expiration_time,
  })
  expect(imported).toEqual({})
  const described = await detailsOf(key_id)
  expect(described.key_state).toBe('2')
  expect(Number(described.expiration_time) / 1_000).toBe(Number(expiration_time))
  expect(await post('delete-imported-key-material', { key_id })).toEqual({})
})

test('huaweicloud_kms_grant', async () => {
  const key_id = await createKey()
  const user = await endpoint.world.userWith([])
  const { grant_id } = await post('create-grant', {
    key_id,
    grantee_principal: principalOf(user.actor.id),
    grantee_principal_type: 'user',
    operations: ['create-datakey', 'encrypt-datakey'],
    name: 'tf',
  })
  const grants: unknown[] = []
  for (let marker = ''; ; ) {
    const page = await post('list-grants', { key_id, limit: 100, ...(marker ? { marker } : {}) })
    grants.push(...(page.grants as unknown[]))
    marker = page.next_marker as string
    if (marker === '') break
  }
  expect(grants).toEqual([expect.objectContaining({ grant_id, name: 'tf' })])
  const revoked = await call('POST', 'kms/revoke-grant', { key_id, grant_id })
  expect(revoked).toEqual({ status: 200, json: {} })
})

test('huaweicloud_kms_alias and _alias_associate', async () => {
  const [key_id, target_key_id] = [await createKey(), await createKey()]
  const alias = 'alias/tf'
  expect(await post('aliases', { key_id, alias })).toMatchObject({ key_id, alias })
  const list = async (id: string) => (await call('GET', `kms/aliases?key_id=${id}&limit=50`)).json
  expect(await list(key_id)).toMatchObject({
    aliases: [{ alias }],
    page_info: { next_marker: '', current_count: 1 },
  })
  expect(await post('alias/associate', { alias, target_key_id })).toMatchObject({
    key_id: target_key_id,
    alias,
  })
  expect(await list(key_id)).toMatchObject({ aliases: [], page_info: { next_marker: '' } })
  const deleted = await call('DELETE', 'kms/aliases', { key_id: target_key_id, aliases: [alias] })
  expect(deleted).toEqual({ status: 200, json: {} })
})

test('huaweicloud_kms_data_encrypt_decrypt and the data key actions', async () => {
  const key_id = await createKey()
  const { cipher_text } = await post('encrypt-data', { key_id, plain_text: 'abc' })
  expect(await post('decrypt-data', { cipher_text })).toMatchObject({ plain_text: 'abc' })
  const data = await post('create-datakey', { key_id, datakey_length: '512' })
  expect(data.plain_text).toHaveLength(128)
  const bare = await post('create-datakey-without-plaintext', { key_id, datakey_length: '512' })
  const opened = await post('decrypt-datakey', {
    key_id,
    cipher_text: bare.cipher_text,
    datakey_cipher_length: '64',
  })
  expect(opened).toMatchObject({ datakey_length: '64' })
  const key = randomBytes(64)
  const digest = createHash('sha256').update(key).digest()
  const wrapped = await post('encrypt-datakey', {
    key_id,
    plain_text: Buffer.concat([key, digest]).toString('hex').toUpperCase(),
    datakey_plain_length: '64',
  })
  expect(wrapped.datakey_length).toBe('64')
  expect(await post('create-rsa-datakey-pair', { key_id, key_spec: 'RSA_2048' })).toHaveProperty(
    'private_key_plain_text',
  )
  expect(await post('create-ec-datakey-pair', { key_id, key_spec: 'ECC_NIST_P256' })).toHaveProperty(
    'public_key',
  )
})

test('the sign and MAC actions', async () => {
  const signer = await createKey({ key_spec: 'RSA_2048', key_usage: 'SIGN_VERIFY' })
  const message = createHash('sha256').update('x').digest('base64')
  const signing = { key_id: signer, message, signing_algorithm: 'RSASSA_PSS_SHA_256', message_type: 'DIGEST' }
  const { signature } = await post('sign', signing)
  expect(await post('verify', { ...signing, signature })).toEqual({ key_id: signer, signature_valid: 'true' })
  const key_id = await createKey({ key_spec: 'HMAC_384', key_usage: 'GENERATE_VERIFY_MAC' })
  const authenticated = { key_id, mac_algorithm: 'HMAC_SHA_384', message: 'dGVzdGFiY2RlZmc=' }
  const { mac } = await post('generate-mac', authenticated)
  expect(await post('verify-mac', { ...authenticated, mac })).toMatchObject({ mac_valid: true })
  expect(await post('get-publickey', { key_id: signer })).toMatchObject({ key_id: signer })
})

test('huaweicloud_kms_key_replicate and _key_update_primary_region', async () => {
  const key_id = await createKey()
  const body = {
    key_id,
    replica_region: 'region-2',
    key_alias: 'tf-replica',
    replica_project_id: endpoint.world.otherProjectId,
    key_description: 'copy',
    enterprise_project_id: '0',
    tags: [{ key: 'a', value: 'b' }],
  }
  const { json } = await call('POST', `kms/keys/${key_id}/replicate`, body, 'v2')
  expect(json).toMatchObject({ region: 'region-2' })
  const moved = await call(
    'PUT',
    `kms/keys/${key_id}/update-primary-region`,
    { key_id, primary_region: 'region-2' },
    'v2',
  )
  expect(moved.json).toEqual({ key_id, primary_region: 'region-2' })
  expect((await call('GET', 'kms/regions?limit=50&offset=0', undefined, 'v2')).json.regions).toEqual([
    'region-1',
    'region-2',
  ])
  expect((await call('GET', 'kms/regions?limit=50&offset=50', undefined, 'v2')).json.regions).toEqual([])
})

test('the data sources', async () => {
  const key_id = await createKey()
  await call('POST', `kms/${key_id}/tags`, { tag: { key: 'source', value: 'yes' } })
  const keys = await post('list-keys', { limit: 2000, key_spec: 'AES_256' })
  expect(keys.keys).toContain(key_id)
  expect(keys.total).toBeTypeOf('number')
  const retirable = await post('list-retirable-grants', { limit: '100' })
  expect(retirable).toMatchObject({ grants: [], next_marker: '' })
  const quotas = (await call('GET', 'kms/user-quotas')).json as { quotas: { resources: Json[] } }
  for (const { used, quota } of quotas.quotas.resources) {
    expect(used).toBeTypeOf('number')
    expect(quota).toBeTypeOf('number')
  }
  // The offset is a number, the limit a string, and the loop ends at an empty list.
  const found: unknown[] = []
  for (let offset = 0; ; ) {
    const filter = { action: 'filter', limit: '1000', offset, tags: [{ key: 'source', values: ['yes'] }] }
    const { resources } = (await post('resource_instances/action', filter)) as { resources: unknown[] }
    found.push(...resources)
    if (resources.length === 0) break
    offset += resources.length
  }
  expect(found).toEqual([expect.objectContaining({ resource_id: key_id })])
})

test('what is gone is told by status and code', async () => {
  const { status, json } = await call('POST', 'kms/describe-key', {
    key_id: '0d0466b0-e727-4d9c-b35d-f84bb474a37f',
  })
  expect({ status, ...json }).toEqual({ status: 404, code: 'KMS.0207' })
})
