import { expect, test } from 'vitest'
import { sourceAddress, sourceAddressHeader } from './source-address.ts'

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8::1', '2001:db8::1'],
  ['', null],
])('%j comes from %j', (sent, address) => {
  expect(sourceAddress(new Headers({ [sourceAddressHeader]: sent }))).toBe(address)
})

test('X-Forwarded-For is not believed', () => {
  expect(sourceAddress(new Headers({ 'x-forwarded-for': '203.0.113.7' }))).toBeNull()
})
