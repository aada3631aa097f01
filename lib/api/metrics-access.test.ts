import { expect, test } from 'vitest'
import { type Asker, mayObserve } from './metrics-access.ts'

const token = 'a-token-of-the-operator'
const here: Asker = { address: '127.0.0.1', headers: { host: '127.0.0.1:3001' } }
const elsewhere: Asker = { address: '192.0.2.7', headers: { host: 'kms.example.com' } }

const withHeaders = (asker: Asker, headers: Asker['headers']): Asker => ({
  ...asker,
  headers: { ...asker.headers, ...headers },
})

test.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])(
  'a program on this machine may, from %s',
  (address) => {
    expect(mayObserve({ ...here, address }, undefined)).toBe(true)
    expect(mayObserve({ ...here, address }, token)).toBe(true)
  },
)

test.each(['192.0.2.7', '10.0.0.1', '::ffff:192.0.2.7', '2001:db8::1', '::', '', undefined])(
  'nobody else may, from %s',
  (address) => {
    expect(mayObserve({ ...here, address }, undefined)).toBe(false)
    expect(mayObserve({ ...here, address }, token)).toBe(false)
  },
)

test.each(['forwarded', 'via', 'x-real-ip', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'])(
  'what a proxy on this machine passes on is not from this machine: %s',
  (name) => {
    expect(mayObserve(withHeaders(here, { [name]: '' }), undefined)).toBe(false)
    expect(mayObserve(withHeaders(here, { [name]: '127.0.0.1' }), token)).toBe(false)
  },
)

test.each(['localhost', 'LOCALHOST:3001', '127.0.0.1', '[::1]:3001'])(
  'it asks for this machine: %s',
  (host) => {
    expect(mayObserve(withHeaders(here, { host }), undefined)).toBe(true)
  },
)

test.each(['kms.example.com', '127.0.0.1.example.com', 'localhost.example.com:3001', ''])(
  'a name that was rebound to this machine is not this machine: %s',
  (host) => {
    expect(mayObserve(withHeaders(here, { host }), undefined)).toBe(false)
  },
)

test('whoever sends the token may, from anywhere and through any proxy', () => {
  for (const asker of [here, elsewhere, withHeaders(elsewhere, { 'x-forwarded-for': '198.51.100.1' })]) {
    expect(mayObserve(withHeaders(asker, { authorization: `Bearer ${token}` }), token)).toBe(true)
    expect(mayObserve(withHeaders(asker, { authorization: `bearer  ${token}` }), token)).toBe(true)
  }
})

test.each([
  `Bearer ${token}x`,
  `Bearer ${token.slice(0, -1)}`,
  'Bearer ',
  'Bearer',
  token,
  `Basic ${token}`,
  `Bearer ${token} ${token}`,
  '',
])('a wrong token opens nothing: %s', (authorization) => {
  expect(mayObserve(withHeaders(elsewhere, { authorization }), token)).toBe(false)
})

test('without a token in the settings no token opens anything', () => {
  for (const authorization of ['Bearer undefined', 'Bearer ', 'Bearer null', `Bearer ${token}`])
    expect(mayObserve(withHeaders(elsewhere, { authorization }), undefined)).toBe(false)
})
