import { expect, test } from 'vitest'
import { createEndpoint } from './create-endpoint.ts'

const endpoint = createEndpoint({ isReady: async () => true, log: false })

test('says that the process runs', async () => {
  const answer = await endpoint.inject('/healthz')
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toEqual({ status: 'ok' })
})

test('says whether the database answers', async () => {
  expect((await endpoint.inject('/readyz')).statusCode).toBe(200)
  const cutOff = createEndpoint({ isReady: async () => false, log: false })
  expect((await cutOff.inject('/readyz')).statusCode).toBe(503)
})

test('an unknown path is refused in the form of the API, without the query', async () => {
  const answer = await endpoint.inject('/v1.0/nothing?token=secret')
  expect(answer.statusCode).toBe(404)
  expect(answer.json()).toEqual({
    error: { error_code: 'KMS.0201', error_msg: 'No such path: GET /v1.0/nothing' },
  })
})

test('a body that is not JSON is refused in the form of the API', async () => {
  const answer = await endpoint.inject({
    method: 'POST',
    url: '/healthz',
    headers: { 'content-type': 'application/json' },
    payload: '{',
  })
  expect(answer.json()).toMatchObject({ error: { error_code: expect.stringMatching(/^KMS\./) } })
})
