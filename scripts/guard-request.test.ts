import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { guardRequest } from './guard-request.ts'

let server: Server
let passed: IncomingHttpHeaders | null

beforeAll(async () => {
  server = createServer((incoming, response) => {
    if (!guardRequest(incoming, response, 'https://kms.example.com')) return
    passed = incoming.headers
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterAll(() => {
  server.close()
})

async function ask(headers: Record<string, string>): Promise<{ status: number | undefined; body: string }> {
  passed = null
  const { port } = server.address() as { port: number }
  const sent = request({ host: '127.0.0.1', port, headers }).end()
  const [response] = await once(sent, 'response')
  return { status: response.statusCode, body: await text(response) }
}

test.each(['kms.example.com', 'KMS.Example.COM', 'kms.example.com:443'])(
  'passes the own host %s',
  async (host) => {
    expect((await ask({ host })).status).toBe(200)
  },
)

test.each([
  'evil.example.com',
  'kms.example.com.evil.example',
  'kms.example.com:3000',
  'user@kms.example.com:1',
  '127.0.0.1',
  'kms.example.com/path',
  '',
])('refuses the host "%s" and names the right address', async (host) => {
  const { status, body } = await ask({ host })
  expect(status).toBe(400)
  expect(passed).toBeNull()
  expect(body).toContain('https://kms.example.com')
})

test('nobody can pretend another host or address', async () => {
  await ask({
    host: 'kms.example.com',
    'x-forwarded-host': 'evil.example.com',
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-proto': 'http',
    forwarded: 'for=203.0.113.9',
    'x-keystead-source-address': '203.0.113.9',
  })
  expect(Object.values(passed ?? {})).not.toContain('203.0.113.9')
  expect(passed).toMatchObject({ 'x-keystead-source-address': '127.0.0.1' })
  expect(passed).not.toHaveProperty('x-forwarded-host')
  expect(passed).not.toHaveProperty('forwarded')
})
