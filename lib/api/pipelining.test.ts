import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { Database } from '#lib/db/client.ts'
import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import { RootKey } from '#lib/kms/root-key/root-key.ts'
import { createEndpoint } from './create-endpoint.ts'
import { RawClient } from './testing/raw-client.ts'

test.for([
  ['garbage', 'no HTTP\r\n\r\n'],
  ['an expectation nobody knows', 'GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: the best\r\n\r\n'],
] as const)('%s on the heels of a request is not answered in its place', async ([, next]) => {
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<{ status: 'ready'; warnings: [] }>()
  const endpoint = createEndpoint({
    db: {} as Database,
    rootKey: new RootKey(KeyMaterial.random(32)),
    readiness: () => {
      asked.resolve()
      return answer.promise
    },
    endpointUrl: 'http://kms.test',
    log: null,
  })
  await endpoint.listen({ host: '127.0.0.1', port: 0 })
  const { port } = endpoint.server.address() as AddressInfo
  using client = new RawClient(port)
  client.send('GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n')
  await asked.promise
  client.send(next)
  expect(await client.answer(5_000)).toEqual({ text: '', ended: true })
  answer.resolve({ status: 'ready', warnings: [] })
  await endpoint.close()
})
