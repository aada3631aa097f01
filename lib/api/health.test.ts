import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import type { Database } from '#lib/db/client.ts'
import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import { RootKey } from '#lib/kms/root-key/root-key.ts'
import { openLog } from '#lib/log.ts'
import { createEndpoint } from './create-endpoint.ts'
import type { Readiness } from './health.ts'

test('each change of the status is logged once, with the cause, which no caller is told', async () => {
  const lines: Record<string, unknown>[] = []
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(JSON.parse(chunk.toString()))
      done()
    },
  })
  let found: Readiness = { status: 'ready', warnings: [] }
  const endpoint = createEndpoint({
    db: {} as Database,
    rootKey: new RootKey(KeyMaterial.random(32)),
    readiness: async () => found,
    endpointUrl: 'http://kms.test',
    log: openLog('endpoint', 'info', destination),
  })
  const ask = async (next: Readiness): Promise<string[]> => {
    found = next
    return [(await endpoint.inject('/readyz')).body, (await endpoint.inject('/readyz')).body]
  }
  await ask({ status: 'ready', warnings: [] })
  expect(lines).toEqual([])
  const lost = await ask({ status: 'no database', warnings: [], cause: new Error('the cable was cut') })
  expect(lost).toEqual(Array(2).fill('{"status":"no database","warnings":[]}'))
  await ask({ status: 'database is read-only', warnings: [] })
  await ask({ status: 'ready', warnings: [] })
  const told = lines.map(({ level, msg, status, err }) => ({ level, msg, status, err }))
  expect(told).toEqual([
    {
      level: 40,
      msg: 'the endpoint is not ready',
      status: 'no database',
      err: expect.objectContaining({ message: 'the cable was cut' }),
    },
    { level: 40, msg: 'the endpoint is not ready', status: 'database is read-only', err: undefined },
    { level: 30, msg: 'the endpoint is ready again', status: undefined, err: undefined },
  ])
  await endpoint.close()
})
