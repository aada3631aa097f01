import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '#lib/db/client.ts'
import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import { RootKey } from '#lib/kms/root-key/root-key.ts'
import { Admission } from './admission.ts'
import { createEndpoint } from './create-endpoint.ts'
import { EndpointMetrics } from './metrics.ts'
import { RawClient } from './testing/raw-client.ts'

const asked: string[] = []
const begun: string[] = []
let admits = false

/** Says when it is asked for anything; fails then, as far as the endpoint is concerned. */
const db = new Proxy({} as Database, {
  get: (_, name) => {
    asked.push(String(name))
    throw new Error('the database was asked')
  },
})

const metrics = new EndpointMetrics({ process: 1 })
const endpoint = createEndpoint({
  db,
  rootKey: new RootKey(KeyMaterial.random(32)),
  readiness: async () => ({ status: 'ready', warnings: [] }),
  endpointUrl: 'http://kms.test',
  log: null,
  metrics,
  admission: {
    admits: ({ writes }) => admits || writes,
    begun: ({ id }) => begun.push(id),
    ended: () => begun.pop(),
  },
})

const project = '0dea2644dc80d5d22ff1c01e3ebea6fc'
const token = { 'x-auth-token': 'somebody' }
const disable = { method: 'POST', url: `/v1.0/${project}/kms/disable-key`, headers: token } as const
const encrypt = { method: 'POST', url: `/v1.0/${project}/kms/encrypt-data`, headers: token } as const

let port = 0

beforeAll(async () => {
  await endpoint.listen({ host: '127.0.0.1', port: 0 })
  port = (endpoint.server.address() as AddressInfo).port
})

afterAll(() => endpoint.close())

beforeEach(() => {
  admits = false
  asked.length = 0
})

test('who is turned away is told to try again, by the request id, and nothing was done', async () => {
  const answer = await endpoint.inject({ ...encrypt, payload: '{' })
  expect(answer.statusCode).toBe(503)
  expect(answer.headers['retry-after']).toBe('1')
  expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/)
  expect(answer.json()).toEqual({
    error: { error_code: 'KMS.0104', error_msg: expect.stringContaining('busy') },
  })
  expect(asked).toEqual([])
  expect(begun).toEqual([])
})

test('a token is not looked for, nor a caller, while there is too much to do', async () => {
  const tokens = { method: 'POST', url: '/v3/auth/tokens', payload: '{}' } as const
  const projects = { method: 'GET', url: '/v3/projects', headers: token } as const
  for (const call of [tokens, projects]) {
    const answer = await endpoint.inject(call)
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '1'])
  }
  expect(asked).toEqual([])
  admits = true
  expect((await endpoint.inject(projects)).statusCode).not.toBe(503)
  expect(asked).not.toEqual([])
  expect(begun).toEqual([])
})

test('who is let in is counted until the answer', async () => {
  admits = true
  expect((await endpoint.inject({ ...encrypt, payload: '{}' })).statusCode).toBe(500)
  expect(asked).not.toEqual([])
  expect(begun).toEqual([])
})

test('a change is looked at all the same', async () => {
  expect((await endpoint.inject({ ...disable, payload: '{}' })).statusCode).toBe(500)
  expect(asked).not.toEqual([])
})

test.for(['/healthz', '/readyz', '/metrics'])('%s is always answered', async (url) => {
  expect((await endpoint.inject(url)).statusCode).toBe(200)
})

test('it is counted for its operation', async () => {
  await endpoint.inject(encrypt)
  expect(await metrics.text()).toMatch(
    /keystead_requests_total\{operation="EncryptData",status="5xx",code="KMS.0104",process="1"\} [1-9]/,
  )
})

test('the answer comes before the body, and the connection is good for the next request', async () => {
  using client = new RawClient(port)
  const head = `POST ${encrypt.url} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n`
  client.send(head)
  expect((await client.nextAnswer()).status).toBe(503)
  client.send(`${'x'.repeat(10)}GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`)
  expect((await client.nextAnswer()).status).toBe(200)
})

/** An endpoint that turns away by the real rule, over a database that fails for all who ask once it is told to. */
async function gatedEndpoint() {
  const failing = Promise.withResolvers<void>()
  const ask = async (): Promise<never> => {
    await failing.promise
    throw new Error('the database is gone')
  }
  const admission = new Admission()
  const gated = createEndpoint({
    db: new Proxy({} as Database, { get: () => ask }),
    rootKey: new RootKey(KeyMaterial.random(32)),
    readiness: async () => ({ status: 'ready', warnings: [] }),
    endpointUrl: 'http://kms.test',
    log: null,
    admission,
  })
  let requests = 0
  gated.addHook('onRequest', async () => {
    requests++
  })
  await gated.listen({ host: '127.0.0.1', port: 0 })
  return {
    admission,
    port: (gated.server.address() as AddressInfo).port,
    requests: () => requests,
    /** Answers the status. */
    change: async () => (await gated.inject({ ...disable, payload: '{}' })).statusCode,
    failAll: failing.resolve,
    [Symbol.asyncDispose]: () => gated.close(),
  }
}

test('of changes that come all at once only so many are worked on, and they make room when they are answered', async () => {
  await using gated = await gatedEndpoint()
  const changes = Array.from({ length: 300 }, gated.change)
  await expect.poll(() => gated.admission.statistics.shed).toBe(44)
  gated.failAll()
  const statuses = await Promise.all(changes)
  expect([500, 503].map((status) => statuses.filter((one) => one === status).length)).toEqual([256, 44])
  expect(await Promise.all(Array.from({ length: 256 }, gated.change))).toEqual(Array(256).fill(500))
})

test('changes whose bodies are still to come keep nobody out', async () => {
  await using gated = await gatedEndpoint()
  gated.failAll()
  using slow = new DisposableStack()
  for (let each = 0; each < 300; each++)
    slow
      .use(new RawClient(gated.port))
      .send(`POST ${disable.url} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: x\r\nContent-Length: 10\r\n\r\n`)
  await expect.poll(gated.requests).toBe(300)
  expect(await gated.change()).toBe(500)
})
