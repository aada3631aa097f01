import { expect, test } from 'vitest'
import { inTransaction } from '#lib/kms/transaction.ts'
import { Calls } from './testing/calls.ts'
import { type RequestToSign, send, sendSigned, signedHeaders } from './testing/signed-request.ts'
import { type TestEndpoint, testEndpoint } from './testing/test-endpoint.ts'

const seconds = (count: number) => new Date(Date.now() + count * 1_000)

function requestOf({ world }: TestEndpoint, name: string, body: object, at = new Date()): RequestToSign {
  return { method: 'POST', url: `/v1.0/${world.projectId}/kms/${name}`, body: JSON.stringify(body), at }
}

async function disabledKey(endpoint: TestEndpoint): Promise<{ key_id: string; calls: Calls }> {
  const calls = new Calls(endpoint.client, endpoint)
  const { key_info } = await calls.call('CreateKey', { body: { key_alias: 'key' } })
  const { key_id } = key_info as { key_id: string }
  await calls.call('DisableKey', { body: { key_id } })
  return { key_id, calls }
}

test('an enable that is sent again after a disable gets the first answer and enables nothing', async () => {
  await using endpoint = await testEndpoint()
  const { key_id, calls } = await disabledKey(endpoint)
  const enable = requestOf(endpoint, 'enable-key', { key_id })
  const headers = signedHeaders(endpoint.url, endpoint.credentials, enable)
  const first = await send(endpoint.url, enable, headers)
  expect(JSON.parse(first.body)).toEqual({ key_info: { key_id, key_state: '2' } })
  await calls.call('DisableKey', { body: { key_id } })
  const again = await send(endpoint.url, enable, headers)
  expect(again.status).toBe(200)
  expect(again.body).toBe(first.body)
  expect(again.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'))
  const { key_info } = await calls.call('ListKeyDetail', { body: { key_id } })
  expect(key_info).toMatchObject({ key_state: '3' })
  // Signed anew, in another second, it is another request.
  const anew = await sendSigned(endpoint.url, endpoint.credentials, { ...enable, at: seconds(-5) })
  expect(JSON.parse(anew.body)).toEqual({ key_info: { key_id, key_state: '2' } })
})

test('a refusal is repeated as well, and stays one', async () => {
  await using endpoint = await testEndpoint()
  const { key_id, calls } = await disabledKey(endpoint)
  await calls.call('EnableKey', { body: { key_id } })
  const enable = requestOf(endpoint, 'enable-key', { key_id })
  const headers = signedHeaders(endpoint.url, endpoint.credentials, enable)
  const first = await send(endpoint.url, enable, headers)
  expect(first.status).toBe(400)
  await calls.call('DisableKey', { body: { key_id } })
  expect(await send(endpoint.url, enable, headers)).toMatchObject({ status: 400, body: first.body })
})

test('of many at once one is done and all get its answer', async () => {
  await using endpoint = await testEndpoint()
  const create = requestOf(endpoint, 'create-key', { key_alias: 'once', key_spec: 'EC_P256' })
  const headers = signedHeaders(endpoint.url, endpoint.credentials, create)
  const answers = await Promise.all(Array.from({ length: 8 }, () => send(endpoint.url, create, headers)))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  expect(new Set(answers.map(({ body }) => body)).size).toBe(1)
  const { total } = await new Calls(endpoint.client, endpoint).call('ListKeys', { body: { key_spec: 'ALL' } })
  expect(total).toBe(1)
})

test('a repeat waits until the first is answered', async () => {
  await using endpoint = await testEndpoint()
  const { world } = endpoint
  const create = requestOf(endpoint, 'create-key', { key_alias: 'slow' })
  const headers = signedHeaders(endpoint.url, endpoint.credentials, create)
  await send(endpoint.url, create, headers)
  const store = (data: { status: number | null; body: string | null }) =>
    inTransaction(world.ctx, (tx) =>
      tx.sql.signedWrite.updateMany({ where: { accountId: world.accountId }, data }),
    )
  await store({ status: null, body: null })
  const waiting = send(endpoint.url, create, headers)
  await store({ status: 200, body: '{"as":"it was"}' })
  expect(await waiting).toMatchObject({ status: 200, body: '{"as":"it was"}' })
})

test('reads and uses of a key are answered every time', async () => {
  await using endpoint = await testEndpoint()
  const { key_id, calls } = await disabledKey(endpoint)
  await calls.call('EnableKey', { body: { key_id } })
  const encrypt = requestOf(endpoint, 'encrypt-data', { key_id, plain_text: 'x' })
  const headers = signedHeaders(endpoint.url, endpoint.credentials, encrypt)
  const [one, two] = [await send(endpoint.url, encrypt, headers), await send(endpoint.url, encrypt, headers)]
  expect(one.status).toBe(200)
  expect(two.body).not.toBe(one.body)
  await calls.call('DisableKey', { body: { key_id } })
  expect((await send(endpoint.url, encrypt, headers)).status).toBe(400)
})

test('signatures of other accounts are other signatures', async () => {
  await using endpoint = await testEndpoint()
  await using other = await testEndpoint()
  for (const one of [endpoint, other]) {
    const body = { key_alias: 'same' }
    const sent = await sendSigned(one.url, one.credentials, requestOf(one, 'create-key', body))
    expect(sent.status).toBe(200)
  }
})
