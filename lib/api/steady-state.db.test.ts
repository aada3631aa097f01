import { pino } from 'pino'
import { expect, test } from 'vitest'
import { freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { Instance } from '#lib/kms/cache/instance.ts'
import { statementsBesideLeases } from '#lib/kms/testing/captured-queries.ts'
import { Calls } from './testing/calls.ts'
import { testEndpoint } from './testing/test-endpoint.ts'

test('a signed request makes no statement at all once everything about it is known', async () => {
  await using ending = new AsyncDisposableStack()
  const { connectionString } = ending.use(await freshDatabase())
  const instance = new Instance({
    connectionString,
    name: 'test',
    log: pino({ enabled: false }),
    // However slow the machine is, the lease does not end between two calls.
    clocks: { monotonic: () => 0, wall: () => 0 },
  })
  const endpoint = ending.use(await testEndpoint({ connectionString, cache: instance.cache }))
  ending.defer(() => instance.stop())
  await instance.start()
  const { makeKey } = endpoint.world
  const [encrypting, wrapping, signing] = await Promise.all([
    makeKey(),
    makeKey(),
    makeKey({ spec: 'EC_P256', usage: 'SIGN_VERIFY' }),
  ])
  const calls = new Calls(endpoint.client, endpoint)
  /** Each time it is a key, or a way to name one, that nobody has asked for before. */
  const twice = async (id: string, body: object) => {
    const call = () => calls.call(id, { body })
    expect(await statementsBesideLeases(call), id).not.toEqual([])
    expect(await statementsBesideLeases(call), id).toEqual([])
    return call()
  }
  const { cipher_text } = await twice('EncryptData', { key_id: encrypting.id, plain_text: 'data' })
  expect(await twice('DecryptData', { cipher_text })).toMatchObject({ plain_text: 'data' })
  await twice('CreateDatakey', { key_id: wrapping.id })
  const digest = Buffer.alloc(32, 1).toString('base64')
  await twice('Sign', { key_id: signing.id, message: digest, signing_algorithm: 'ECDSA_SHA_256' })
})
