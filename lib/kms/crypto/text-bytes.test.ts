import { expect, test } from 'vitest'
import { MalformedText, textBytes } from './text-bytes.ts'

test('bytes are the UTF-8 of the text', () => {
  expect(textBytes('ключ 🔑').toString('hex')).toBe(Buffer.from('ключ 🔑').toString('hex'))
})

test.each(['\ud83d', '\udd11', 'a\udd11\ud83db', '🔑\ud83d'])(
  'an unpaired surrogate is refused (%#)',
  (text) => {
    expect(() => textBytes(text)).toThrow(MalformedText)
  },
)
