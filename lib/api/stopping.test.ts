import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { Database } from '#lib/db/client.ts'
import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import { RootKey } from '#lib/kms/root-key/root-key.ts'
import { createEndpoint } from './create-endpoint.ts'
import { endpointWithHeldReadiness } from './testing/held-readiness.ts'
import { answersIn, RawClient } from './testing/raw-client.ts'

const healthz = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'

test('a stop cuts whoever has sent half a request and sends no more', async () => {
  const endpoint = createEndpoint({
    db: {} as Database,
    rootKey: new RootKey(KeyMaterial.random(32)),
    readiness: async () => ({ status: 'ready', warnings: [] }),
    endpointUrl: 'http://kms.test',
    log: null,
    // Nothing else would cut them before the test is over.
    timeouts: { headers: 120_000, request: 200, idle: 120_000, checkEvery: 120_000 },
  })
  await endpoint.listen({ host: '127.0.0.1', port: 0 })
  const { port } = endpoint.server.address() as AddressInfo
  using head = new RawClient(port)
  using body = new RawClient(port)
  head.send('POST /v1.0/x/kms/list-keys HTTP/1.1\r\nHost: x\r\n')
  // Answered in part at once, so that it is known to have been read.
  body.send(
    'POST /v1.0/x/kms/list-keys HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n',
  )
  await expect.poll(async () => (await body.answer(10)).text).toContain('100 Continue')
  await endpoint.close()
  for (const client of [head, body]) expect((await client.answer(1_000)).ended).toBe(true)
})

test('a stop lets the request under way finish and waits for no connection that is kept open', async () => {
  const { endpoint, asked, release } = endpointWithHeldReadiness()
  const closing = Promise.withResolvers<void>()
  endpoint.addHook('preClose', async () => closing.resolve())
  await endpoint.listen({ host: '127.0.0.1', port: 0 })
  const { port } = endpoint.server.address() as AddressInfo
  using idle = new RawClient(port)
  using silent = new RawClient(port)
  using busy = new RawClient(port)
  idle.send(healthz)
  busy.send(healthz.replace('healthz', 'readyz'))
  await asked
  const closed = endpoint.close()
  await closing.promise
  await expect.poll(() => endpoint.server.listening).toBe(false)
  release()
  const { text } = await busy.answer(3_000)
  // The client keeps its connection open, but is told that nothing more will be read on it.
  expect(text).toMatch(/^connection: close\r$/im)
  // It was asked in time, but what is stopping is no longer ready.
  expect(answersIn(text)).toEqual([{ status: 503, body: '{"status":"stopping"}' }])
  await closed
  for (const client of [idle, silent, busy]) expect((await client.answer(1_000)).ended).toBe(true)
})
