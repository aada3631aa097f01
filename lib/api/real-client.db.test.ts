import { expect, test } from 'vitest'
import { testEndpoint } from './testing/test-endpoint.ts'

const kms = (name: string) => `/v1.0/{project_id}/kms/${name}`

test('the product’s own client creates, describes and uses a key', async () => {
  await using endpoint = await testEndpoint()
  const { client } = endpoint
  const created = await client.call({ url: kms('create-key'), data: { key_alias: 'first' } })
  expect(created).toEqual({
    httpStatusCode: 200,
    key_info: { key_id: expect.any(String), domain_id: expect.any(String), region_id: 'region-1' },
  })
  const { key_id } = created.key_info as { key_id: string }
  const described = await client.call({ url: kms('describe-key'), data: { key_id } })
  expect(described.key_info).toMatchObject({
    key_id,
    key_alias: 'first',
    key_state: '2',
    key_spec: 'AES_256',
  })
  const { cipher_text } = await client.call({ url: kms('encrypt-data'), data: { key_id, plain_text: 'abc' } })
  expect(await client.call({ url: kms('decrypt-data'), data: { cipher_text } })).toEqual({
    httpStatusCode: 200,
    key_id,
    plain_text: 'abc',
    plain_text_base64: 'YWJj',
  })
})
