import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Calls } from './testing/calls.ts'
import { type TestEndpoint, testEndpoint } from './testing/test-endpoint.ts'

let endpoint: TestEndpoint
let calls: Calls
let key_id: string

beforeAll(async () => {
  endpoint = await testEndpoint()
  calls = new Calls(endpoint.client, endpoint)
  key_id = (await endpoint.world.makeKey({ name: 'taken' })).id
})

afterAll(() => endpoint[Symbol.asyncDispose]())

const refused = (id: string, body: object) => calls.refusal(id, { body })
const letters = (count: number, letter = 'x') => letter.repeat(count)

test.each([
  ['a name with a space', { key_alias: 'a b' }, 'KMS.1101'],
  ['no name', { key_alias: '' }, 'KMS.1101'],
  ['a name of 256', { key_alias: letters(256) }, 'KMS.1101'],
  ['a name of a default key', { key_alias: 'obs/default' }, 'KMS.1101'],
  ['a name that is taken', { key_alias: 'taken' }, 'KMS.1104'],
  ['a description of 256', { key_alias: 'a', key_description: letters(256) }, 'KMS.1103'],
  ['a description with NUL', { key_alias: 'a', key_description: 'a\0b' }, 'KMS.1103'],
  ['half of a surrogate pair', { key_alias: 'a', key_description: '\ud800' }, 'KMS.1103'],
  ['an unknown algorithm', { key_alias: 'a', key_spec: 'DES' }, 'KMS.1110'],
  ['a usage that does not fit', { key_alias: 'a', key_usage: 'SIGN_VERIFY' }, 'KMS.0308'],
  ['an HMAC key to import', { key_alias: 'a', key_spec: 'HMAC_256', origin: 'external' }, 'KMS.0308'],
  [
    'an unknown enterprise project',
    { key_alias: 'a', enterprise_project_id: '0d0466b0-e727-4d9c-b35d-f84bb474a37f' },
    'KMS.0308',
  ],
])('creating with %s', async (_what, body, code) => {
  expect(await refused('CreateKey', body)).toBe(`400 ${code}`)
})

test('a description of 255 characters may have more bytes', async () => {
  const body = { key_alias: 'long', key_description: letters(255, '🔑') }
  await calls.call('CreateKey', { body })
})

test.each([6, 1_097, '7.5', 'x', -7, null, 1e308])('a waiting period of %j', async (pending_days) => {
  expect(await refused('DeleteKey', { key_id, pending_days })).toBe('400 KMS.1401')
})

test('plaintext is 1 to 4096 bytes', async () => {
  for (const plain_text of ['', letters(4_097), letters(4_096, 'é'), '\ud800', 5])
    expect(await refused('EncryptData', { key_id, plain_text })).toBe('400 KMS.2101')
  for (const plain_text of [letters(4_096), 'a\nb', '\0', '密'])
    await calls.call('EncryptData', { body: { key_id, plain_text } })
})

test('associated data is at most 128 bytes, and of one form', async () => {
  const body = { key_id, plain_text: 'x' }
  const over = { ...body, additional_authenticated_data: letters(65, 'é') }
  expect(await refused('EncryptData', over)).toBe('400 KMS.0308')
  for (const encryption_context of ['x', { a: 1 }, { a: letters(8_193) }])
    expect(await refused('EncryptData', { ...body, encryption_context })).toBe('400 KMS.0208')
  const both = { ...body, additional_authenticated_data: 'a', encryption_context: { a: 'b' } }
  expect(await refused('EncryptData', both)).toBe('400 KMS.0208')
})

test('what cannot be decrypted is refused alike, whatever the reason', async () => {
  await using other = await testEndpoint()
  const theirs = new Calls(other.client, other)
  const foreign = (await other.world.makeKey()).id
  const there = await theirs.call('EncryptData', { body: { key_id: foreign, plain_text: 'x' } })
  const { cipher_text } = await calls.call('EncryptData', { body: { key_id, plain_text: 'x' } })
  const here = String(cipher_text)
  const dataKey = await calls.call('CreateDatakey', { body: { key_id } })
  const flipped = Buffer.from(here, 'base64')
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
  const wrong = [
    there.cipher_text,
    here.slice(0, -4),
    `${here.slice(0, -1)}!`,
    flipped.toString('base64'),
    Buffer.from(String(dataKey.cipher_text), 'hex').toString('base64'),
    letters(128, 'A'),
    letters(5_648, 'A'),
    letters(5_652, 'A'),
    '',
    7,
  ]
  const bodies = new Set<string>()
  for (const text of wrong) {
    expect(await refused('DecryptData', { cipher_text: text })).toBe('400 KMS.2201')
    await calls.client
      .call({ url: '/v1.0/{project_id}/kms/decrypt-data', data: { cipher_text: text } })
      .catch((error) => {
        bodies.add(endpoint.bodyOf((error as { requestId: string }).requestId))
      })
  }
  expect(bodies.size).toBe(1)
  const asDataKey = Buffer.from(here, 'base64').toString('hex')
  const opening = { key_id, cipher_text: asDataKey, datakey_cipher_length: '1' }
  expect(await refused('DecryptDatakey', opening)).toBe('400 KMS.2201')
})

test.each([
  ['CreateRandom', { random_data_length: '7' }, 'KMS.1801'],
  ['CreateRandom', { random_data_length: 8_200 }, 'KMS.1801'],
  ['CreateRandom', { random_data_length: '12' }, 'KMS.1802'],
  ['CreateRandom', {}, 'KMS.0204'],
])('%s of %j', async (id, body, code) => {
  expect(await refused(id, body)).toBe(`400 ${code}`)
})

test('data keys have their own codes', async () => {
  const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest()
  const key = Buffer.alloc(32, 1)
  const good = Buffer.concat([key, digest(key)]).toString('hex')
  const bad = Buffer.concat([key, digest(Buffer.alloc(32))]).toString('hex')
  const wrong: [string, object, string][] = [
    ['CreateDatakey', { datakey_length: 4 }, 'KMS.1901'],
    ['CreateDatakey', { datakey_length: '8200' }, 'KMS.1901'],
    ['CreateDatakey', { datakey_length: 12 }, 'KMS.1903'],
    ['CreateDatakey', { key_spec: 'DES' }, 'KMS.1902'],
    ['EncryptDatakey', { plain_text: 'xyz', datakey_plain_length: 32 }, 'KMS.2101'],
    ['EncryptDatakey', { plain_text: good, datakey_plain_length: 0 }, 'KMS.2102'],
    ['EncryptDatakey', { plain_text: bad, datakey_plain_length: 32 }, 'KMS.2103'],
    ['EncryptDatakey', { plain_text: good, datakey_plain_length: 31 }, 'KMS.2104'],
    ['DecryptDatakey', { cipher_text: 'zz', datakey_cipher_length: 32 }, 'KMS.2201'],
    ['DecryptDatakey', { cipher_text: letters(256, 'A'), datakey_cipher_length: 2_000 }, 'KMS.2202'],
    ['CreateRsaDatakeyPair', { key_spec: 'ECC_NIST_P256' }, 'KMS.1902'],
  ]
  for (const [id, body, code] of wrong)
    expect(await refused(id, { key_id, ...body }), `${id} ${JSON.stringify(body)}`).toBe(`400 ${code}`)
  const { cipher_text } = await calls.call('CreateDatakey', { body: { key_id } })
  const length = { key_id, cipher_text, datakey_cipher_length: 31 }
  expect(await refused('DecryptDatakey', length)).toBe('400 KMS.2204')
})

test('a key has 50 aliases and 20 tags at most', async () => {
  const { id } = await endpoint.world.makeKey()
  for (let i = 0; i < 50; i++) await calls.call('CreateAlias', { body: { key_id: id, alias: `alias/a${i}` } })
  expect(await refused('CreateAlias', { key_id: id, alias: 'alias/one-more' })).toBe('400 KMS.0308')
  expect(await refused('CreateAlias', { key_id, alias: 'alias/a0' })).toBe('400 KMS.1104')
  const tags = Array.from({ length: 20 }, (_, i) => ({ key: `k${i}` }))
  const path = { key_id: id }
  await calls.call('BatchCreateKmsTags', { path, body: { action: 'create', tags } })
  const more = { tag: { key: 'one-more', value: '' } }
  expect(await calls.refusal('CreateKmsTag', { path, body: more })).toBe('400 KMS.0409')
  await calls.call('CreateKmsTag', { path, body: { tag: { key: 'k0', value: 'again' } } })
})

test.each([
  [{ action: 'x', tags: [{ key: 'a' }] }, 'KMS.0404'],
  [{ action: 'create', tags: [] }, 'KMS.0401'],
  [{ action: 'create', tags: Array.from({ length: 21 }, (_, i) => ({ key: `k${i}` })) }, 'KMS.0407'],
  [{ action: 'create', tags: [{ key: '' }] }, 'KMS.0411'],
  [{ action: 'create', tags: [{ key: letters(37) }] }, 'KMS.0411'],
  [{ action: 'create', tags: [{ key: 'a=b' }] }, 'KMS.0406'],
  [{ action: 'create', tags: [{ key: 'a\u0001' }] }, 'KMS.0406'],
  [{ action: 'create', tags: [{ key: 'a', value: letters(44) }] }, 'KMS.0410'],
  [{ action: 'create', tags: [{ key: 'a', value: '<' }] }, 'KMS.0405'],
  [{ action: 'create', tags: [{ value: 'a' }] }, 'KMS.0414'],
  [{ action: 'create' }, 'KMS.0204'],
])('tags %j', async (body, code) => {
  expect(await calls.refusal('BatchCreateKmsTags', { path: { key_id }, body })).toBe(`400 ${code}`)
})

test('lists have limits and markers', async () => {
  for (const limit of [0, 2_001, 'x', -1]) expect(await refused('ListKeys', { limit })).toBe('400 KMS.1601')
  for (const marker of ['-1', 'x', 1.5]) expect(await refused('ListKeys', { marker })).toBe('400 KMS.1602')
  expect(await refused('ListKmsByTags', { action: 'filter', limit: 1_001 })).toBe('400 KMS.1601')
  expect(await refused('ListKmsByTags', { action: 'filter', offset: -1 })).toBe('400 KMS.0417')
  expect(await refused('ListKmsByTags', { action: 'count', offset: 0 })).toBe('400 KMS.0418')
  expect(await refused('ListKmsByTags', { action: 'filter', matches: [{ key: 'x', value: 'y' }] })).toBe(
    '400 KMS.0415',
  )
})

test('grants must name somebody and grant something', async () => {
  const grant = { key_id, grantee_principal: letters(32, 'a'), operations: ['encrypt-data'] }
  expect(await refused('CreateGrant', grant)).toBe('400 KMS.2402')
  expect(await refused('CreateGrant', { ...grant, grantee_principal: 'a-b' })).toBe('400 KMS.2402')
  expect(await refused('CreateGrant', { ...grant, operations: ['create-grant'] })).toBe('400 KMS.2401')
  expect(await refused('CreateGrant', { ...grant, operations: ['sign'] })).toBe('400 KMS.0308')
  expect(await refused('CancelGrant', { key_id, grant_id: letters(64, 'a') })).toBe('400 KMS.2501')
})

test('key ids of no form, and of none', async () => {
  expect(await refused('ListKeyDetail', { key_id: 'x' })).toBe('400 KMS.0205')
  expect(await refused('ListKeyDetail', { key_id: 'zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz' })).toBe(
    '404 KMS.0207',
  )
  expect(await refused('ListKeyDetail', { key_id: 'alias/none' })).toBe('404 KMS.0207')
  const { alias_urn } = await calls.call('CreateAlias', { body: { key_id, alias: 'alias/here' } })
  const there = String(alias_urn).replace(/[0-9a-f]{32}/, letters(32, 'a'))
  for (const [id, more] of [
    ['ListKeyDetail', {}],
    ['EncryptData', { plain_text: 'x' }],
  ] as const) {
    await calls.call(id, { body: { key_id: alias_urn, ...more } })
    for (const urn of [there, String(alias_urn).replace('region-1', 'region-2')])
      expect(await refused(id, { key_id: urn, ...more })).toBe('404 KMS.0207')
  }
  expect(await refused('ListKeyDetail', { key_id: `kms:region-9:${letters(32, 'a')}:alias:none` })).toBe(
    '404 KMS.0207',
  )
})
