import { expect, inject, test } from 'vitest'
import { openDirectConnection } from './direct-connection.ts'
import { fakePooler } from './testing/fake-pooler.ts'

const changed = (change: (url: URL) => void): string => {
  const url = new URL(inject('databaseUrl'))
  change(url)
  return url.href
}

test('opens a session of its own', async () => {
  const client = await openDirectConnection(inject('databaseUrl'), 'a test')
  expect((await client.query('SHOW application_name')).rows).toEqual([{ application_name: 'a test' }])
  await client.end()
})

test.each([
  ['a wrong password', changed((url) => (url.password = 'wrong-pass')), 'refuses the user "keystead"'],
  ['an unknown user', changed((url) => (url.username = 'stranger')), 'refuses the user "stranger"'],
  [
    'an unknown database',
    changed((url) => (url.pathname = '/nowhere')),
    'database "nowhere" of DATABASE_URL does not',
  ],
  [
    'nothing at the address',
    'postgresql://u:secret-pass@127.0.0.1:1/db',
    'No database answers at 127.0.0.1:1 (ECONN',
  ],
  [
    'an unknown host',
    'postgresql://u:secret-pass@host.invalid/db',
    'No database answers at host.invalid:5432',
  ],
])('%s is one sentence without the password', async (_, url, message) => {
  const opening = openDirectConnection(url, 'a test')
  await expect(opening).rejects.toThrow(message)
  await expect(opening).rejects.not.toThrow(/secret-pass|wrong-pass/)
})

test('a connection through a pooler is refused', async () => {
  const direct = new URL(inject('databaseUrl'))
  await using pooler = await fakePooler(`${direct.searchParams.get('host')}/.s.PGSQL.5432`)
  const pooled = changed((url) => {
    url.searchParams.delete('host')
    url.hostname = '127.0.0.1'
    url.port = String(pooler.port)
  })
  await expect(openDirectConnection(pooled, 'a test')).rejects.toThrow(
    'DATABASE_URL leads through a pooler, which breaks LISTEN and advisory locks: point it at Postgres itself.',
  )
})
