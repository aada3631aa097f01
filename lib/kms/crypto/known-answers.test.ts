import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hkdfSync,
  sign,
} from 'node:crypto'
import { expect, test } from 'vitest'
import { type AeadCipher, decryptAead, encryptAead } from './aead.ts'

/** The primitives as this Node and its OpenSSL compute them, against the documents that define them. */
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')

type AeadVector = {
  source: string
  cipher: AeadCipher
  key: string
  iv: string
  associatedData: string
  plaintext: string
  ciphertext: string
  tag: string
}

const gcmKey = 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308'
const gcmPlaintext = `d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
  1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255`
const gcmCiphertext = `522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa
  8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad`

const aeadVectors: AeadVector[] = [
  {
    source: 'NIST SP 800-38D / The Galois/Counter Mode of Operation, test case 13 (empty)',
    cipher: 'aes-256-gcm',
    key: '00'.repeat(32),
    iv: '00'.repeat(12),
    associatedData: '',
    plaintext: '',
    ciphertext: '',
    tag: '530f8afbc74536b9a963b4f1c4cb738b',
  },
  {
    source: 'The Galois/Counter Mode of Operation, test case 14',
    cipher: 'aes-256-gcm',
    key: '00'.repeat(32),
    iv: '00'.repeat(12),
    associatedData: '',
    plaintext: '00'.repeat(16),
    ciphertext: 'cea7403d4d606b6e074ec5d3baf39d18',
    tag: 'd0d1c8a799996bf0265b98b5d48ab919',
  },
  {
    source: 'The Galois/Counter Mode of Operation, test case 15',
    cipher: 'aes-256-gcm',
    key: gcmKey,
    iv: 'cafebabefacedbaddecaf888',
    associatedData: '',
    plaintext: gcmPlaintext,
    ciphertext: gcmCiphertext,
    tag: 'b094dac5d93471bdec1a502270e3cc6c',
  },
  {
    source: 'The Galois/Counter Mode of Operation, test case 16 (associated data)',
    cipher: 'aes-256-gcm',
    key: gcmKey,
    iv: 'cafebabefacedbaddecaf888',
    associatedData: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    plaintext: gcmPlaintext.replaceAll(/\s/g, '').slice(0, 120),
    ciphertext: gcmCiphertext.replaceAll(/\s/g, '').slice(0, 120),
    tag: '76fc6ece0f4e1768cddf8853bb2d551b',
  },
  {
    source: 'RFC 8998 Appendix A.1, SM4-GCM',
    cipher: 'sm4-gcm',
    key: '0123456789abcdeffedcba9876543210',
    iv: '00001234567800000000abcd',
    associatedData: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    plaintext: `aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd
      eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa`,
    ciphertext: `17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735
      d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d`,
    tag: '83de3541e4c2b58177e065a9bf7b62ec',
  },
]

test.each(aeadVectors)('$source', (vector) => {
  const key = createSecretKey(bytes(vector.key))
  const iv = bytes(vector.iv)
  const associatedData = bytes(vector.associatedData)
  const [ciphertext, tag] = encryptAead(vector.cipher, key, iv, associatedData, bytes(vector.plaintext))
  expect(ciphertext).toEqual(bytes(vector.ciphertext))
  expect(tag).toEqual(bytes(vector.tag))
  expect(decryptAead(vector.cipher, key, iv, associatedData, ciphertext, tag)).toEqual(
    bytes(vector.plaintext),
  )
})

test('RFC 5869 Appendix A.1, HKDF with SHA-256', () => {
  const key = hkdfSync(
    'sha256',
    bytes('0b'.repeat(22)),
    bytes('000102030405060708090a0b0c'),
    bytes('f0f1f2f3f4f5f6f7f8f9'),
    42,
  )
  expect(Buffer.from(key)).toEqual(
    bytes('3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865'),
  )
})

test.each([
  ['sha256', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
  [
    'sha384',
    'af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649',
  ],
  [
    'sha512',
    '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
  ],
])('RFC 4231 §4.3, HMAC with %s', (hash, mac) => {
  expect(createHmac(hash, 'Jefe').update('what do ya want for nothing?').digest('hex')).toBe(mac)
})

test.each([
  ['abc', '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'],
  ['abcd'.repeat(16), 'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732'],
])('GB/T 32905-2016 Appendix A, SM3 of %s', (message, digest) => {
  expect(createHash('sm3').update(message).digest('hex')).toBe(digest)
})

test('RFC 8032 §7.1, Ed25519 test 1', () => {
  const seed = bytes('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
  const privateKey = createPrivateKey({
    key: Buffer.concat([bytes('302e020100300506032b657004220420'), seed]),
    type: 'pkcs8',
    format: 'der',
  })
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  expect(publicKey.subarray(-32).toString('hex')).toBe(
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  )
  expect(sign(null, Buffer.alloc(0), privateKey).toString('hex')).toBe(
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  )
})

test('RFC 9881 Appendix C.1, an ML-DSA-44 public key from the seed 00 … 1f', () => {
  const privateKey = createPrivateKey(`-----BEGIN PRIVATE KEY-----
MDQCAQAwCwYJYIZIAWUDBAMRBCKAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
-----END PRIVATE KEY-----`)
  const pem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString()
  expect(pem.split('\n').slice(1, 4)).toEqual([
    'MIIFMjALBglghkgBZQMEAxEDggUhANeytHJUquDbReeTDUqY0sl9jxOX0Xidr6Fw',
    'JLMW6b7JT8mUbULxm3mnQTu6oz5xSctC7VEVaTrAQfrLmIretf4OHYYxGEmVtZLD',
    'l9IpTi4U+QqkFLo4JomaxD9MzKy8JumoMrlRGNXLQzy++WYLABOOCBf2HnYsonTD',
  ])
})
