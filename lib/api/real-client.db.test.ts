import {
  constants,
  createHash,
  createPublicKey,
  createSign,
  publicEncrypt,
  randomBytes,
  verify as verifyWith,
} from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { principalOf } from '#lib/kms/operations/find-grant.ts'
import { operations } from './operations/index.ts'
import { Calls } from './testing/calls.ts'
import { type TestEndpoint, testEndpoint } from './testing/test-endpoint.ts'

let endpoint: TestEndpoint
let calls: Calls

beforeAll(async () => {
  endpoint = await testEndpoint()
  calls = new Calls(endpoint.client, endpoint)
})

afterAll(() => endpoint[Symbol.asyncDispose]())

let made = 0

async function makeKey(body: object = {}): Promise<string> {
  const { key_info } = await calls.call('CreateKey', { body: { key_alias: `key-${++made}`, ...body } })
  return (key_info as { key_id: string }).key_id
}

const stateOf = async (key_id: string) =>
  (await calls.call('ListKeyDetail', { body: { key_id } })).key_info as Record<string, string>

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest()
const upperHex = /^([0-9A-F]{2})+$/

test('a key is created, described and listed', async () => {
  const key_id = await makeKey({ key_alias: 'first', key_description: 'For tests', sequence: undefined })
  expect(await stateOf(key_id)).toEqual({
    key_id,
    domain_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    key_alias: 'first',
    realm: 'region-1',
    key_spec: 'AES_256',
    key_usage: 'ENCRYPT_DECRYPT',
    key_description: 'For tests',
    creation_date: expect.stringMatching(/^\d{13}$/),
    scheduled_deletion_date: '',
    key_state: '2',
    default_key_flag: '0',
    key_type: '1',
    expiration_time: '',
    origin: 'kms',
    key_rotation_enabled: 'false',
    sys_enterprise_project_id: '0',
    keystore_id: '0',
  })
  const hidden = await makeKey({ key_spec: 'EC_P256' })
  const aes = await calls.call('ListKeys', { body: {} })
  expect(aes).toMatchObject({ next_marker: '', truncated: 'false', total: (aes.keys as string[]).length })
  expect(aes.keys).toContain(key_id)
  expect(aes.keys).not.toContain(hidden)
  expect((await calls.call('ListKeys', { body: { key_spec: 'ALL' } })).keys).toContain(hidden)
})

test('a list is paged by offsets until the marker is empty', async () => {
  for (let i = 0; i < 3; i++) await makeKey()
  const seen: string[] = []
  for (let marker = ''; ; ) {
    const page = await calls.call('ListKeys', { body: { key_spec: 'ALL', limit: '2', marker } })
    seen.push(...(page.keys as string[]))
    expect(page.truncated).toBe(String(page.next_marker !== ''))
    marker = page.next_marker as string
    if (marker === '') break
  }
  const all = await calls.call('ListKeys', { body: { key_spec: 'ALL', limit: 2000 } })
  expect(seen).toEqual(all.keys)
  const beyond = await calls.call('ListKeys', { body: { key_spec: 'ALL', marker: '99999' } })
  expect(beyond).toMatchObject({ keys: [], key_details: [], next_marker: '', truncated: 'false' })
})

test('a key goes through its states', async () => {
  const key_id = await makeKey()
  const body = { key_id }
  expect(await calls.call('DisableKey', { body })).toEqual({ key_info: { key_id, key_state: '3' } })
  expect(await calls.refusal('EncryptData', { body: { key_id, plain_text: 'x' } })).toBe('400 KMS.0209')
  expect(await calls.call('EnableKey', { body })).toEqual({ key_info: { key_id, key_state: '2' } })
  expect(await calls.call('DeleteKey', { body: { key_id, pending_days: '7' } })).toEqual({
    key_id,
    key_state: '4',
  })
  const pending = await stateOf(key_id)
  const days = (Number(pending.scheduled_deletion_date) - Date.now()) / 86_400_000
  expect(days).toBeGreaterThan(6.9)
  expect(days).toBeLessThan(7.1)
  expect(await calls.refusal('EncryptData', { body: { key_id, plain_text: 'x' } })).toBe('400 KMS.0210')
  expect(await calls.refusal('UpdateKeyAlias', { body: { key_id, key_alias: 'other' } })).toBe('400 KMS.0210')
  expect(await calls.call('CancelKeyDeletion', { body })).toEqual({ key_id, key_state: '3' })
  expect(await calls.refusal('CancelKeyDeletion', { body })).toBe('400 KMS.1501')
})

test('name and description change', async () => {
  const key_id = await makeKey()
  expect(await calls.call('UpdateKeyAlias', { body: { key_id, key_alias: 'renamed' } })).toEqual({
    key_info: { key_id, key_alias: 'renamed' },
  })
  const key_description = 'Text of 钥匙'
  expect(await calls.call('UpdateKeyDescription', { body: { key_id, key_description } })).toEqual({
    key_info: { key_id, key_description },
  })
  expect(await calls.refusal('CreateKey', { body: { key_alias: 'renamed' } })).toBe('400 KMS.1104')
  const other = await makeKey()
  expect(await calls.refusal('UpdateKeyAlias', { body: { key_id: other, key_alias: 'renamed' } })).toBe(
    '400 KMS.1104',
  )
})

test('data is encrypted, decrypted and moved under another key', async () => {
  const key_id = await makeKey()
  const additional_authenticated_data = 'for 我'
  const { cipher_text } = await calls.call('EncryptData', {
    body: { key_id, plain_text: 'abc 密', additional_authenticated_data },
  })
  expect(await calls.call('DecryptData', { body: { cipher_text, additional_authenticated_data } })).toEqual({
    key_id,
    plain_text: 'abc 密',
    plain_text_base64: Buffer.from('abc 密').toString('base64'),
  })
  expect(await calls.refusal('DecryptData', { body: { cipher_text } })).toBe('400 KMS.2201')
  const destination_key_id = await makeKey()
  const moved = await calls.call('ReEncrypt', {
    body: {
      cipher_text,
      destination_key_id,
      source_additional_authenticated_data: additional_authenticated_data,
    },
  })
  expect(moved).toMatchObject({ key_id: destination_key_id, source_key_id: key_id })
  const opened = await calls.call('DecryptData', { body: { cipher_text: moved.cipher_text } })
  expect(opened).toMatchObject({ key_id: destination_key_id, plain_text: 'abc 密' })
})

test('the older form of associated data needs the same names and values, in any order', async () => {
  const key_id = await makeKey()
  const encryption_context = { a: '1', b: '2' }
  const { cipher_text } = await calls.call('EncryptData', {
    body: { key_id, plain_text: 'x', encryption_context },
  })
  const other = { body: { cipher_text, encryption_context: { b: '2', a: '1' } } }
  expect(await calls.call('DecryptData', other)).toMatchObject({ plain_text: 'x' })
  const wrong = { body: { cipher_text, encryption_context: { a: '1' } } }
  expect(await calls.refusal('DecryptData', wrong)).toBe('400 KMS.2201')
})

test('an RSA key encrypts with its algorithm named', async () => {
  const key_id = await makeKey({ key_spec: 'RSA_2048', key_usage: 'ENCRYPT_DECRYPT' })
  const encryption_algorithm = 'RSAES_OAEP_SHA_256'
  const { cipher_text } = await calls.call('EncryptData', {
    body: { key_id, plain_text: 'abc', encryption_algorithm },
  })
  const opened = await calls.call('DecryptData', { body: { key_id, cipher_text, encryption_algorithm } })
  expect(opened).toMatchObject({ key_id, plain_text: 'abc' })
  const long = { key_id, plain_text: 'x'.repeat(191), encryption_algorithm }
  expect(await calls.refusal('EncryptData', { body: long })).toBe('400 KMS.2108')
})

test('data keys travel in upper-case hexadecimal', async () => {
  const key_id = await makeKey()
  const created = await calls.call('CreateDatakey', { body: { key_id, datakey_length: '512' } })
  expect(created.plain_text).toMatch(upperHex)
  expect(created.plain_text).toHaveLength(128)
  const { cipher_text } = created
  const opened = await calls.call('DecryptDatakey', {
    body: { key_id, cipher_text, datakey_cipher_length: '64' },
  })
  expect(opened).toEqual({
    data_key: created.plain_text,
    datakey_length: '64',
    datakey_dgst: sha256(Buffer.from(String(created.plain_text), 'hex'))
      .toString('hex')
      .toUpperCase(),
  })
  const bare = await calls.call('CreateDatakeyWithoutPlaintext', { body: { key_id } })
  expect(bare.cipher_text).toMatch(upperHex)
  const moved = await calls.call('ReEncrypt', {
    body: { cipher_text: bare.cipher_text, destination_key_id: key_id },
  })
  expect(moved.cipher_text).toMatch(upperHex)
})

test('a data key of one’s own is wrapped and unwrapped', async () => {
  const key_id = await makeKey()
  const key = Buffer.alloc(64, 7)
  const plain_text = Buffer.concat([key, sha256(key)]).toString('hex')
  const wrapped = await calls.call('EncryptDatakey', {
    body: { key_id, plain_text, datakey_plain_length: '64' },
  })
  expect(wrapped).toMatchObject({ key_id, datakey_length: '64' })
  const { cipher_text } = wrapped
  const opened = await calls.call('DecryptDatakey', {
    body: { key_id, cipher_text, datakey_cipher_length: 64 },
  })
  expect(opened.data_key).toBe(key.toString('hex').toUpperCase())
})

test('key pairs are made as data keys', async () => {
  const key_id = await makeKey()
  const rsa = await calls.call('CreateRsaDatakeyPair', {
    body: { key_id, key_spec: 'RSA_2048', with_plain_text: false },
  })
  expect(rsa.private_key_plain_text).toBeUndefined()
  const ec = await calls.call('CreateEcDatakeyPair', { body: { key_id, key_spec: 'ECC_NIST_P256' } })
  const signature = createSign('sha256')
    .update('hello')
    .sign({ key: Buffer.from(String(ec.private_key_plain_text), 'base64'), format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey({
    key: Buffer.from(String(ec.public_key), 'base64'),
    format: 'der',
    type: 'spki',
  })
  expect(verifyWith('sha256', Buffer.from('hello'), publicKey, signature)).toBe(true)
  const opened = await calls.call('DecryptData', { body: { cipher_text: ec.private_key_cipher_text } })
  expect(opened.plain_text_base64).toBe(ec.private_key_plain_text)
})

test('random bits come as hexadecimal', async () => {
  const { random_data } = await calls.call('CreateRandom', { body: { random_data_length: '512' } })
  expect(random_data).toMatch(/^[0-9A-F]{128}$/)
})

test('signatures are made, verified, and verify outside', async () => {
  const key_id = await makeKey({ key_spec: 'EC_P256' })
  const signing_algorithm = 'ECDSA_SHA_256'
  const message = sha256('hello').toString('base64')
  const { signature } = await calls.call('Sign', { body: { key_id, message, signing_algorithm } })
  const checked = { key_id, message, signing_algorithm, signature }
  expect(await calls.call('ValidateSignature', { body: checked })).toEqual({
    key_id,
    signature_valid: 'true',
  })
  const other = { ...checked, message: sha256('other').toString('base64') }
  expect(await calls.call('ValidateSignature', { body: other })).toEqual({ key_id, signature_valid: 'false' })
  const { public_key } = await calls.call('ShowPublicKey', { body: { key_id } })
  expect(public_key).toMatch(/^-----BEGIN PUBLIC KEY-----\r\n.*-----END PUBLIC KEY-----\r\n$/s)
  const outside = verifyWith(
    'sha256',
    Buffer.from('hello'),
    String(public_key),
    Buffer.from(String(signature), 'base64'),
  )
  expect(outside).toBe(true)
})

test('codes authenticate a message', async () => {
  const key_id = await makeKey({ key_spec: 'HMAC_384' })
  const body = { key_id, mac_algorithm: 'HMAC_SHA_384', message: 'dGVzdGFiY2RlZmc=' }
  const { mac } = await calls.call('GenerateMac', { body })
  const algorithm = { key_id, mac_algorithm: 'HMAC_SHA_384' }
  expect(await calls.call('VerifyMac', { body: { ...body, mac } })).toEqual({ ...algorithm, mac_valid: true })
  const wrong = { ...body, mac: Buffer.alloc(48).toString('base64') }
  expect(await calls.call('VerifyMac', { body: wrong })).toEqual({ ...algorithm, mac_valid: false })
})

/** Wraps material for import as its owner does. */
async function importMaterial(key_id: string, material: Buffer, more: object = {}): Promise<void> {
  const parameters = await calls.call('CreateParametersForImport', {
    body: { key_id, wrapping_algorithm: 'RSAES_OAEP_SHA_256' },
  })
  const hours = (Number(parameters.expiration_time) - Date.now() / 1_000) / 3_600
  expect(hours).toBeGreaterThan(23.9)
  expect(hours).toBeLessThan(24.1)
  const key = createPublicKey({
    key: Buffer.from(String(parameters.public_key), 'base64'),
    format: 'der',
    type: 'spki',
  })
  const wrapped = publicEncrypt(
    { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
    material,
  )
  const encrypted_key_material = wrapped.toString('base64')
  const { import_token } = parameters
  expect(
    await calls.call('ImportKeyMaterial', {
      body: { key_id, import_token, encrypted_key_material, ...more },
    }),
  ).toEqual({})
}

test('material is imported, expires, is rotated on demand and deleted', async () => {
  const key_id = await makeKey({ origin: 'external' })
  expect(await stateOf(key_id)).toMatchObject({ key_state: '5', origin: 'external' })
  expect(await calls.refusal('EncryptData', { body: { key_id, plain_text: 'x' } })).toBe('400 KMS.0209')
  const expiration_time = Math.floor(Date.now() / 1_000) + 86_400
  const material = randomBytes(32)
  await importMaterial(key_id, material, { expiration_time: String(expiration_time) })
  expect(await stateOf(key_id)).toMatchObject({ key_state: '2', expiration_time: `${expiration_time}000` })
  const { cipher_text } = await calls.call('EncryptData', { body: { key_id, plain_text: 'abc' } })
  await importMaterial(key_id, randomBytes(32))
  expect(await calls.call('RotateOnDemand', { body: { key_id } })).toEqual({ key_id })
  const status = await calls.call('ShowKeyRotationStatus', { body: { key_id } })
  expect(status).toMatchObject({ number_of_rotations: 1, key_rotation_enabled: false })
  expect(status.key_materials).toHaveLength(2)
  expect(await calls.call('DecryptData', { body: { cipher_text } })).toMatchObject({ plain_text: 'abc' })
  expect(await calls.call('DeleteImportedKeyMaterial', { body: { key_id } })).toEqual({})
  expect(await stateOf(key_id)).toMatchObject({ key_state: '5' })
  const own = await makeKey()
  expect(await calls.refusal('DeleteImportedKeyMaterial', { body: { key_id: own } })).toBe('400 KMS.0309')
})

test('rotation is switched on, timed and switched off', async () => {
  const key_id = await makeKey()
  expect(await calls.call('EnableKeyRotation', { body: { key_id } })).toEqual({})
  expect(await calls.refusal('EnableKeyRotation', { body: { key_id } })).toBe('400 KMS.2901')
  expect(await calls.call('UpdateKeyRotationInterval', { body: { key_id, rotation_interval: 30 } })).toEqual(
    {},
  )
  expect(await stateOf(key_id)).toMatchObject({ key_rotation_enabled: 'true' })
  expect(await calls.call('ShowKeyRotationStatus', { body: { key_id } })).toEqual({
    key_rotation_enabled: true,
    rotation_interval: 30,
    last_rotation_time: '',
    number_of_rotations: 0,
    key_materials: [
      {
        material_id: expect.stringMatching(/./),
        charge_id: '',
        create_time: expect.stringMatching(/^\d{13}$/),
        expiration_time: '',
        state: '2',
      },
    ],
  })
  for (const rotation_interval of [29, 366, 'x', 30.5])
    expect(await calls.refusal('UpdateKeyRotationInterval', { body: { key_id, rotation_interval } })).toBe(
      '400 KMS.3001',
    )
  expect(await calls.call('DisableKeyRotation', { body: { key_id } })).toEqual({})
  expect(await calls.refusal('DisableKeyRotation', { body: { key_id } })).toBe('400 KMS.0313')
})

test('grants are given, listed, used, retired and revoked', async () => {
  const key_id = await makeKey()
  const grantee = await endpoint.world.userWith([])
  const theirs = new Calls(await endpoint.clientOf(grantee), endpoint)
  const encrypt = { body: { key_id, plain_text: 'x' } }
  expect(await theirs.refusal('EncryptData', encrypt)).toBe('403 KMS.0307')
  const me = principalOf(endpoint.world.ctx.actor.id)
  const grant = {
    key_id,
    grantee_principal: principalOf(grantee.actor.id),
    operations: ['encrypt-data', 'retire-grant'],
    retiring_principal: me,
  }
  const { grant_id } = await calls.call('CreateGrant', { body: grant })
  await theirs.call('EncryptData', encrypt)
  const page = await calls.call('ListGrants', { body: { key_id, limit: 100 } })
  expect(page).toEqual({
    grants: [
      {
        ...grant,
        grant_id,
        grantee_principal_type: 'user',
        issuing_principal: me,
        creation_date: expect.stringMatching(/^\d{13}$/),
        name: '',
      },
    ],
    next_marker: '',
    truncated: 'false',
    total: 1,
  })
  expect(await calls.call('ListRetirableGrants', { body: {} })).toEqual(page)
  await theirs.call('CancelSelfGrant', { body: { key_id, grant_id } })
  expect(await theirs.refusal('EncryptData', encrypt)).toBe('403 KMS.0307')
  for (const id of theirs.answered) calls.answered.add(id)
  const { grant_id: second } = await calls.call('CreateGrant', { body: { ...grant, name: 'second' } })
  await calls.call('CancelGrant', { body: { key_id, grant_id: second } })
  expect(await calls.refusal('CancelGrant', { body: { key_id, grant_id: second } })).toBe('400 KMS.2501')
})

test('tags are set, read, found and deleted, whatever is in their keys', async () => {
  const key_id = await makeKey()
  const path = { key_id }
  await calls.call('CreateKmsTag', { path, body: { tag: { key: 'env', value: 'prod' } } })
  const keys = [
    'a b',
    'a/b',
    '键',
    '键 b',
    '100%',
    'a%20b',
    'x?y&z',
    '#',
    '+',
    '.',
    '..',
    'k'.repeat(36),
    '键'.repeat(36),
  ]
  for (const key of keys)
    await calls.call('BatchCreateKmsTags', { path, body: { action: 'create', tags: [{ key }] } })
  const read = await calls.call('ShowKmsTags', { path })
  expect(read.existTagsNum).toBe(keys.length + 1)
  expect(read.tags).toContainEqual({ key: 'env', value: 'prod' })
  expect((await calls.call('ListKmsTags')).tags).toContainEqual({ key: 'env', values: ['prod'] })
  const found = await calls.call('ListKmsByTags', {
    body: { action: 'filter', offset: 0, limit: '1000', tags: [{ key: 'env', values: ['prod'] }] },
  })
  expect(found).toMatchObject({
    total_count: 1,
    resources: [{ resource_id: key_id, resource_detail: { key_id } }],
  })
  const count = { action: 'count', matches: [{ key: 'resource_name', value: 'no such' }] }
  expect(await calls.call('ListKmsByTags', { body: count })).toEqual({ total_count: 0 })
  const beyond = { action: 'filter', offset: 1000, limit: '10' }
  expect((await calls.call('ListKmsByTags', { body: beyond })).resources).toEqual([])
  // Only text that a URL may hold as it is; the client encodes nothing but what its parser would not take.
  for (const key of ['env', 'a b', 'a/b', '键', '键 b', '+'])
    await calls.call('DeleteTag', { path: { key_id, key } })
  for (const key of ['100%', 'x?y&z', '#', '键'.repeat(36)])
    await calls.call('DeleteTag', { path: { key_id, key: encodeURIComponent(key) } })
  expect(await calls.refusal('DeleteTag', { path: { key_id, key: 'env' } })).toBe('404 KMS.0416')
  const rest = { action: 'delete', tags: keys.map((key) => ({ key })) }
  await calls.call('BatchCreateKmsTags', { path, body: rest })
  expect(await calls.call('ShowKmsTags', { path })).toEqual({ tags: [], existTagsNum: 0 })
})

test('aliases name keys, move and go', async () => {
  const [key_id, target_key_id] = [await makeKey(), await makeKey()]
  const alias = 'alias/orders'
  const entity = {
    domain_id: expect.any(String),
    alias,
    alias_urn: expect.stringMatching(/^kms:region-1:[0-9a-f]{32}:alias:orders$/),
    create_time: expect.stringMatching(/^\d{13}$/),
    update_time: expect.stringMatching(/^\d{13}$/),
  }
  const created = await calls.call('CreateAlias', { body: { key_id, alias } })
  expect(created).toEqual({ key_id, ...entity })
  for (const name of [alias, created.alias_urn])
    expect(await calls.call('EncryptData', { body: { key_id: name, plain_text: 'x' } })).toMatchObject({
      key_id,
    })
  const listed = await calls.call('ListAliases', { query: { key_id, limit: 50 } })
  expect(listed).toEqual({ aliases: [created], page_info: { next_marker: '', current_count: 1 } })
  const moved = await calls.call('AssociateAlias', { body: { alias, target_key_id } })
  expect(moved).toEqual({ key_id: target_key_id, ...entity })
  expect(await calls.refusal('DeleteAlias', { body: { key_id, aliases: [alias] } })).toBe('404 KMS.0207')
  await calls.call('DeleteAlias', { body: { key_id: target_key_id, aliases: [alias] } })
  expect(await calls.refusal('ListKeyDetail', { body: { key_id: alias } })).toBe('404 KMS.0207')
})

test('a key is replicated and the primary changes place', async () => {
  const key_id = await makeKey()
  expect(await calls.call('ListSupportRegions', { query: { limit: 10, offset: 0 } })).toEqual({
    regions: ['region-1', 'region-2'],
  })
  const replica = await calls.call('ReplicateKey', {
    path: { key_id },
    body: {
      key_id,
      replica_region: 'region-2',
      key_alias: 'copy',
      replica_project_id: endpoint.world.otherProjectId,
      tags: [{ key: 'a', value: 'b' }],
    },
  })
  expect(replica).toEqual({ key_id: expect.any(String), domain_id: expect.any(String), region: 'region-2' })
  const { cipher_text } = await calls.call('EncryptData', { body: { key_id, plain_text: 'x' } })
  const there = new Calls(
    await endpoint.clientOf(endpoint.world.ctx, endpoint.world.otherProjectId),
    endpoint,
  )
  expect(await there.call('DecryptData', { body: { cipher_text } })).toMatchObject({ key_id: replica.key_id })
  expect(await calls.refusal('DeleteKey', { body: { key_id, pending_days: 7 } })).toBe('400 Keystead.0002')
  const body = { key_id, primary_region: 'region-2' }
  expect(await calls.call('UpdatePrimaryRegion', { path: { key_id }, body })).toEqual(body)
})

test('quotas and instances are numbers', async () => {
  const { instance_num } = await calls.call('ShowUserInstances')
  const { quotas } = await calls.call('ShowUserQuotas')
  expect(quotas).toEqual({
    resources: [
      { type: 'CMK', used: instance_num, quota: 100 },
      { type: 'grant_per_CMK', used: expect.any(Number), quota: 100 },
    ],
  })
})

test('what is not supported says so', async () => {
  const path = { keystore_id: 'x', access_point_id: 'x', key_policy_id: 'x' }
  for (const { id } of operations.filter(({ group }) => group === 'Not supported'))
    expect(await calls.refusal(id, { path }), id).toBe('400 KMS.0308')
  const keystore = { key_alias: 'hsm', keystore_id: '1' }
  expect(await calls.refusal('CreateKey', { body: keystore })).toBe('400 KMS.0308')
  const key_id = await makeKey()
  expect(await calls.refusal('CreateDatakey', { body: { key_id, pin: '1234' } })).toBe('400 KMS.0308')
})

test('every operation was called and answered', () => {
  const supported = operations.filter(({ group }) => group !== 'Not supported').map(({ id }) => id)
  expect(supported.filter((id) => !calls.answered.has(id))).toEqual([])
})
