import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerHealth } from './answer-health.ts'

const server = createServer((request, response) => {
  if (!answerHealth(request, response)) response.writeHead(404).end()
})
let url = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => server.close())

test('says that the process runs, to whoever asks by whatever name', async () => {
  const answer = await fetch(`${url}/healthz?from=a-balancer`)
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }])
  const head = await fetch(`${url}/healthz`, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
})

test.each([
  ['GET', '/'],
  ['GET', '/healthz/'],
  ['GET', '/keys?next=/healthz'],
  ['POST', '/healthz'],
])('leaves %s %s to the console', async (method, path) => {
  expect((await fetch(url + path, { method })).status).toBe(404)
})
