import { expect, test } from 'vitest'
import { formatRootKey, parseRootKey } from './root-key-value.ts'

const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7))
const text = bytes.toString('base64')

test.each([text, `${text}\n`, `  ${text}\r\n`, text.replace('=', '')])('reads %j', (value) => {
  expect(parseRootKey(value)?.material.reveal()).toEqual(bytes)
})

test('writes what it reads', () => {
  const rootKey = parseRootKey(text)
  expect(rootKey && formatRootKey(rootKey)).toBe(`${text}\n`)
})

test.each([
  ['nothing', ''],
  ['16 bytes', Buffer.alloc(16).toString('base64')],
  ['33 bytes', Buffer.alloc(33).toString('base64')],
  ['hex', bytes.toString('hex')],
  ['a character too many', `${text}A`],
  ['a character of base64url', text.replace(/^../, '-_')],
  ['a space inside', `${text.slice(0, 20)} ${text.slice(20)}`],
  ['stray bits in the last character', `${text.slice(0, 42)}${text[42] === 'B' ? 'C' : 'B'}=`],
])('refuses %s', (_name, value) => {
  expect(parseRootKey(value)).toBeUndefined()
})
