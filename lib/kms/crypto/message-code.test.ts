import { createSecretKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { isMessageCode, type MacHash, messageCode } from './message-code.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')

const vectors: { source: string; key: Buffer; message: Buffer; codes: Partial<Record<MacHash, string>> }[] = [
  {
    source: 'RFC 4231 §4.2',
    key: bytes('0b'.repeat(20)),
    message: Buffer.from('Hi There'),
    codes: {
      sha256: 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
      sha384:
        'afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6',
      sha512:
        '87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854',
    },
  },
  {
    source: 'RFC 4231 §4.4',
    key: bytes('aa'.repeat(20)),
    message: bytes('dd'.repeat(50)),
    codes: {
      sha256: '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe',
      sha384:
        '88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27',
      sha512:
        'fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb',
    },
  },
  {
    source: 'GM/T 0042-2015 D.3',
    key: bytes('0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20'),
    message: Buffer.from('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'.repeat(2)),
    codes: { sm3: 'ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a' },
  },
]

const cases = vectors.flatMap(({ source, key, message, codes }) =>
  Object.entries(codes).map(([hash, code]) => ({ source, key, message, hash: hash as MacHash, code })),
)

test.each(cases)('$source, $hash', ({ key, message, hash, code }) => {
  const material = createSecretKey(key)
  expect(messageCode(hash, material, message).toString('hex')).toBe(code)
  expect(isMessageCode(hash, material, message, bytes(code))).toBe(true)
})

test.each(cases)('$source, $hash: no changed code passes', ({ key, message, hash, code }) => {
  const material = createSecretKey(key)
  const right = bytes(code)
  for (let bit = 0; bit < right.byteLength * 8; bit++) {
    const changed = Buffer.from(right)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(isMessageCode(hash, material, message, changed)).toBe(false)
  }
  for (let length = 0; length < right.byteLength; length++) {
    expect(isMessageCode(hash, material, message, right.subarray(0, length))).toBe(false)
  }
  expect(isMessageCode(hash, material, message, Buffer.concat([right, Buffer.of(0)]))).toBe(false)
})
