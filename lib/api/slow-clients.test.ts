import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Database } from '#lib/db/client.ts'
import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import { RootKey } from '#lib/kms/root-key/root-key.ts'
import { createEndpoint } from './create-endpoint.ts'
import { codeIn } from './testing/calls.ts'
import { answersIn, RawClient } from './testing/raw-client.ts'

const timeouts = { headers: 200, request: 400, idle: 600, checkEvery: 50 }
/** Long after all of them, and before any that holds where none is given. */
const patience = 9_000
vi.setConfig({ testTimeout: 20_000 })

const endpoint = createEndpoint({
  db: {} as Database,
  rootKey: new RootKey(KeyMaterial.random(32)),
  readiness: () => new Promise(() => undefined),
  endpointUrl: 'http://kms.test',
  log: null,
  timeouts,
})
let port = 0

beforeAll(async () => {
  await endpoint.listen({ host: '127.0.0.1', port: 0 })
  port = (endpoint.server.address() as AddressInfo).port
})

afterAll(() => endpoint.close())

async function cut(begin: string, drip: string): Promise<{ text: string }> {
  using client = new RawClient(port)
  client.send(begin)
  const dripping = drip === '' ? undefined : setInterval(() => client.send(drip), 30)
  const answer = await client.answer(patience)
  clearInterval(dripping)
  expect(answer.ended).toBe(true)
  return answer
}

const codes = (text: string) => answersIn(text).map(({ status, body }) => `${status} ${codeIn(body)}`)

const post = 'POST /v1.0/x/kms/list-keys HTTP/1.1\r\nHost: x\r\n'

test('a connection on which nothing is sent is cut', async () => {
  await cut('', '')
})

test('headers that come drop by drop are cut, with the answer for it', async () => {
  const { text } = await cut(post, 'X-A: b\r\n')
  expect(codes(text)).toEqual(['408 KMS.0214'])
})

test('a body that comes drop by drop is cut, with the answer for it', async () => {
  const { text } = await cut(`${post}Content-Length: 60000\r\n\r\n`, 'x')
  expect(codes(text)).toEqual(['408 KMS.0214'])
})

test('a body that never comes is cut', async () => {
  await cut(`${post}Content-Length: 10\r\n\r\n`, '')
})

test('chunks that come drop by drop are cut', async () => {
  await cut(`${post}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n')
})

test('a connection that is kept open after an answer is cut', async () => {
  const { text } = await cut('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n', '')
  expect(answersIn(text)).toEqual([{ status: 200, body: '{"status":"ok"}' }])
})

test('an answer that takes for ever is given up', async () => {
  await cut('GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n', '')
})

test('others are served meanwhile', async () => {
  const slow = Array.from({ length: 50 }, () => new RawClient(port))
  for (const client of slow) client.send(post)
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`)
  expect(answer.status).toBe(200)
  for (const client of slow) expect((await client.answer(patience)).ended).toBe(true)
  for (const client of slow) client[Symbol.dispose]()
})
