import { expect, test } from 'vitest'
import type { Database } from '#lib/db/client.ts'
import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import { RootKey } from '#lib/kms/root-key/root-key.ts'
import { createEndpoint } from './create-endpoint.ts'

/** Nothing here may need the database. */
const none = new Proxy({} as Database, {
  get: () => {
    throw new Error('the database was asked')
  },
})

const endpointThat = (isReady: boolean) =>
  createEndpoint({
    db: none,
    rootKey: new RootKey(KeyMaterial.random(32)),
    readiness: async () => ({ status: isReady ? 'ready' : 'no database', warnings: [] }),
    endpointUrl: 'http://kms.test',
    log: null,
  })

const endpoint = endpointThat(true)
const project = '0dea2644dc80d5d22ff1c01e3ebea6fc'

test('says that the process runs', async () => {
  const answer = await endpoint.inject('/healthz')
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toEqual({ status: 'ok' })
  expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/)
})

test('says whether the database answers', async () => {
  expect((await endpoint.inject('/readyz')).statusCode).toBe(200)
  expect((await endpointThat(false).inject('/readyz')).statusCode).toBe(503)
})

test('an unknown path is refused in the form of the API, without the query', async () => {
  const answer = await endpoint.inject('/v1.0/nothing/at/all?token=secret')
  expect(answer.statusCode).toBe(404)
  expect(answer.json()).toEqual({
    error: { error_code: 'KMS.0201', error_msg: 'No such path: GET /v1.0/nothing/at/all' },
  })
})

test('a known path by another method is told from an unknown one', async () => {
  const answer = await endpoint.inject(`/v1.0/${project}/kms/create-key`)
  expect(answer.statusCode).toBe(405)
  expect(answer.json()).toMatchObject({ error: { error_code: 'KMS.0215' } })
})

test('a call without signature and token is refused by the gateway, in its flat form', async () => {
  const answer = await endpoint.inject({
    method: 'POST',
    url: `/v1.0/${project}/kms/create-key`,
    payload: '{',
  })
  expect(answer.statusCode).toBe(401)
  expect(answer.json()).toEqual({
    error_code: 'APIGW.0301',
    error_msg: expect.stringContaining('Incorrect IAM authentication information'),
    request_id: answer.headers['x-request-id'],
  })
})

test('a body that is too long is refused before anything is made of it', async () => {
  const answer = await endpoint.inject({
    method: 'POST',
    url: `/v1.0/${project}/kms/create-key`,
    payload: 'x'.repeat(70_000),
  })
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({ error: { error_code: 'KMS.0203' } })
})
