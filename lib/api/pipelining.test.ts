import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { endpointWithHeldReadiness } from './testing/held-readiness.ts'
import { RawClient } from './testing/raw-client.ts'

test.for([
  ['garbage', 'no HTTP\r\n\r\n'],
  ['an expectation nobody knows', 'GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: the best\r\n\r\n'],
] as const)('%s on the heels of a request is not answered in its place', async ([, next]) => {
  const { endpoint, asked, release } = endpointWithHeldReadiness()
  await endpoint.listen({ host: '127.0.0.1', port: 0 })
  const { port } = endpoint.server.address() as AddressInfo
  using client = new RawClient(port)
  client.send('GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n')
  await asked
  client.send(next)
  expect(await client.answer(5_000)).toEqual({ text: '', ended: true })
  release()
  await endpoint.close()
})
