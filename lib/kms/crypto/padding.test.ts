import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pad, unpaddedLength } from './padding.ts'

test('what is padded is found again', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (plaintext) => {
      const padded = pad(plaintext)
      expect(padded.subarray(0, unpaddedLength(padded)).equals(plaintext)).toBe(true)
      expect(padded.length % 16).toBe(0)
    }),
  )
})

test.each([
  ['nothing', Buffer.alloc(0)],
  ['too little', Buffer.from([0x80, ...new Array(15).fill(0)])],
  ['no whole blocks', pad(Buffer.alloc(3)).subarray(0, 79)],
  ['only zeros', Buffer.alloc(80)],
  ['another marker', Buffer.from([...new Array(79).fill(0), 0x81])],
])('%s is not padding', (_name, bytes) => {
  expect(unpaddedLength(bytes)).toBeUndefined()
})
