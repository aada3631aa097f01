import { expect, inject, test } from 'vitest'
import { openDatabase, poolStatistics } from '#lib/db/client.ts'
import { DatabaseProxy } from '#lib/db/testing/database-proxy.ts'
import { changeKeyState } from '#lib/kms/keys/change-key-state.ts'
import { generationStatistics } from '#lib/kms/material/generate-material.ts'
import { BatchedUseRecorder } from '#lib/kms/usage/use-recorder.ts'
import { EndpointMetrics } from './metrics.ts'
import { readingsOf } from './metrics-readings.ts'
import { readExposition, sumOf } from './testing/exposition.ts'
import { send, sendSigned } from './testing/signed-request.ts'
import { type TestEndpoint, testEndpoint } from './testing/test-endpoint.ts'

const token = 'a-token-of-the-operator'

/** An endpoint whose uses of keys cannot be written until `link` is mended, however long a call takes. */
async function countedEndpoint() {
  await using stack = new AsyncDisposableStack()
  const link = stack.use(await DatabaseProxy.open(inject('databaseUrl')))
  link.set('cut')
  const db = openDatabase(link.connectionString, { connections: 1, applicationName: 'keystead-test' })
  stack.defer(() => db.$disconnect())
  const uses = new BatchedUseRecorder({
    db,
    // There once the endpoint is, which needs the recorder first.
    get rootKey() {
      return endpoint.world.rootKey
    },
    log: { warn: () => undefined },
  })
  stack.defer(() => uses.stop())
  const metrics = new EndpointMetrics({
    process: 1,
    readings: readingsOf({
      pool: () => poolStatistics(endpoint.world.db),
      generation: generationStatistics,
      uses,
    }),
  })
  const endpoint: TestEndpoint = stack.use(
    await testEndpoint({ metrics, metricsToken: token, uses: metrics.counting(uses) }),
  )
  const scrape = async (headers: Record<string, string> = {}) => {
    const answer = await send(endpoint.url, { method: 'GET', url: '/metrics' }, headers)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ])
    return readExposition(answer.body)
  }
  const call = (name: string, body: object) =>
    sendSigned(endpoint.url, endpoint.credentials, {
      method: 'POST',
      url: `/v1.0/${endpoint.world.projectId}/kms/${name}`,
      body: JSON.stringify(body),
    })
  const owned = stack.move()
  return {
    world: endpoint.world,
    url: endpoint.url,
    credentials: endpoint.credentials,
    uses,
    link,
    scrape,
    call,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

test('a scrape tells what was asked, of which kind of key, with what outcome', async () => {
  await using endpoint = await countedEndpoint()
  const { world, scrape, call } = endpoint
  const key = await world.makeKey({ spec: 'AES_256' })
  const signing = await world.makeKey({ spec: 'EC_P256', usage: 'SIGN_VERIFY' })
  const before = await scrape()

  for (let i = 0; i < 3; i++)
    expect((await call('encrypt-data', { key_id: key.id, plain_text: `data ${i}` })).status).toBe(200)
  const message = Buffer.alloc(32).toString('base64')
  await call('sign', { key_id: signing.id, message, signing_algorithm: 'ECDSA_SHA_256' })
  await changeKeyState(world.ctx, { projectId: world.projectId, keyId: key.id, operation: 'disable' })
  expect((await call('encrypt-data', { key_id: key.id, plain_text: 'data' })).status).toBe(400)
  await sendSigned(
    endpoint.url,
    { ...endpoint.credentials, secret: 'wrong' },
    { method: 'POST', url: `/v1.0/${world.projectId}/kms/encrypt-data`, body: '{}' },
  )
  const unknownPaths = ['/v1.0/no/such/path', '/v9', '/%zz']
  for (const url of unknownPaths) await send(endpoint.url, { method: 'GET', url }, {})
  await send(endpoint.url, { method: 'GET', url: '/metrics' }, { 'x-forwarded-for': '192.0.2.1' })
  await send(endpoint.url, { method: 'DELETE', url: `/v1.0/${world.projectId}/kms/encrypt-data` }, {})

  const after = await scrape()
  const more = (family: string, labels: Record<string, string>, name = family) =>
    sumOf(after, family, labels, name) - sumOf(before, family, labels, name)
  const requests = (operation: string, status: string, code: string) =>
    more('keystead_requests_total', { operation, status, code })
  expect(requests('EncryptData', '2xx', '')).toBe(3)
  expect(requests('EncryptData', '4xx', 'KMS.0209')).toBe(1)
  expect(requests('EncryptData', '4xx', 'APIGW.0301')).toBe(1)
  expect(requests('Sign', '2xx', '')).toBe(1)
  expect(requests('none', '4xx', 'KMS.0201')).toBe(unknownPaths.length + 1)
  expect(requests('none', '4xx', 'KMS.0215')).toBe(1)
  const durations = 'keystead_request_duration_seconds'
  expect(more(durations, { operation: 'EncryptData' }, `${durations}_count`)).toBe(5)

  const used = (use: string, spec: string, outcome: string) =>
    more('keystead_key_uses_total', { use, spec, outcome })
  expect(used('encryptData', 'AES_256', 'done')).toBe(3)
  expect(used('encryptData', 'AES_256', 'KMS.0209')).toBe(1)
  expect(used('sign', 'EC_P256', 'done')).toBe(1)

  expect(sumOf(after, 'keystead_requests_in_flight')).toBe(0)
  expect(sumOf(after, 'keystead_data_events_waiting')).toBe(5)
  expect(sumOf(after, 'keystead_database_connections_max')).toBe(10)
  expect(sumOf(after, 'keystead_database_connections')).toBeGreaterThan(0)
  expect(sumOf(after, 'keystead_key_generation_waiting')).toBe(0)
  endpoint.link.set('open')
  await endpoint.uses.flush()
  expect(sumOf(await scrape(), 'keystead_data_events_waiting')).toBe(0)
})

test('who may not see the numbers finds no such path', async () => {
  await using endpoint = await countedEndpoint()
  const { scrape } = endpoint
  const forwarded = { 'x-forwarded-for': '192.0.2.1' }
  const ask = (url: string, headers: Record<string, string>) =>
    send(endpoint.url, { method: 'GET', url }, headers)
  const refused = await ask('/metrics', forwarded)
  const unknown = await ask('/metrica', forwarded)
  expect([refused.status, refused.body.replace('metrics', 'metrica')]).toEqual([unknown.status, unknown.body])
  expect(refused.status).toBe(404)
  expect((await ask('/metrics', { ...forwarded, authorization: 'Bearer wrong' })).status).toBe(404)
  await scrape({ ...forwarded, authorization: `Bearer ${token}` })
  await scrape()
})
