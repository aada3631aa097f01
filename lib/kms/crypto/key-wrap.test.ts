import { createCipheriv, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { DecryptionFailed } from './decryption-failed.ts'
import { unwrapPadded } from './key-wrap.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

// RFC 5649 §6
const key = hex('5840df6e29b02af1 ab493b705bf16ea1 ae8338f4dcc176a8')

test.for([
  [
    '20 bytes',
    'c37b7e6492584340 bed1220780894115 5068f738',
    '138bdeaa9b8fa7fc 61f97742e72248ee 5ae6ae5360d1ae6a 5f54f373fa543b6a',
  ],
  ['7 bytes', '466f7250617369', 'afbeb0f07dfbf541 9200f2ccb50bb24f'],
] as const)('unwraps the %s of RFC 5649', ([, plain, wrapped]) => {
  expect(unwrapPadded(key, hex(wrapped))).toEqual(hex(plain))
})

test('every single flipped bit, and every length but the right one, is refused', () => {
  const wrapped = hex('afbeb0f07dfbf541 9200f2ccb50bb24f')
  for (let bit = 0; bit < wrapped.byteLength * 8; bit++) {
    const flipped = Buffer.from(wrapped)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(() => unwrapPadded(key, flipped)).toThrow(DecryptionFailed)
  }
  for (let length = 0; length < wrapped.byteLength; length++) {
    expect(() => unwrapPadded(key, wrapped.subarray(0, length))).toThrow(DecryptionFailed)
  }
  expect(() => unwrapPadded(key, Buffer.concat([wrapped, Buffer.alloc(8)]))).toThrow(DecryptionFailed)
})

test.for([0, 15, 17, 31, 33])('a wrapping key of %i bytes is refused', (length) => {
  expect(() => unwrapPadded(randomBytes(length), hex('afbeb0f07dfbf541 9200f2ccb50bb24f'))).toThrow(
    DecryptionFailed,
  )
})

test.for([1, 8, 121, 1_218, 2_376])('%i bytes wrapped with AES-256 come back', (length) => {
  const secret = randomBytes(length)
  const wrappingKey = randomBytes(32)
  const cipher = createCipheriv('id-aes256-wrap-pad', wrappingKey, hex('A65959A6'))
  expect(unwrapPadded(wrappingKey, Buffer.concat([cipher.update(secret), cipher.final()]))).toEqual(secret)
})
