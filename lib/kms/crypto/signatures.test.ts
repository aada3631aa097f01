import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  sign,
} from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { digestInfo } from './digest-info.ts'
import { type DigestAlgorithm, signDigestSync, verifyDigestSync } from './digest-signature-sync.ts'
import { encodePss, isPssEncoding } from './emsa-pss.ts'
import { signMessage, verifyMessage } from './message-signature.ts'
import { hashBytes, type SigningAlgorithm } from './signing-algorithm.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')
const base64url = (hex: string): string => bytes(hex).toString('base64url')
const hashed = (hash: string, message: Uint8Array): Buffer => createHash(hash).update(message).digest()

const rsaPublicKey = (modulus: string, exponent: string): KeyObject =>
  createPublicKey({ key: { kty: 'RSA', n: base64url(modulus), e: base64url(exponent) }, format: 'jwk' })

/** A private key on a curve: the scalar, and the point that belongs to it. */
const ecPrivateKey = (crv: string, d: string, x: string, y: string): KeyObject =>
  createPrivateKey({
    key: { kty: 'EC', crv, d: base64url(d), x: base64url(x), y: base64url(y) },
    format: 'jwk',
  })

/** SEQUENCE of two INTEGERs, written by hand so that the vectors do not depend on what is tested. */
function der(r: string, s: string): Buffer {
  const integer = (hex: string): Buffer => {
    const raw = bytes(hex)
    const value = (raw[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), raw]) : raw
    return Buffer.concat([Buffer.of(0x02, value.byteLength), value])
  }
  const content = Buffer.concat([integer(r), integer(s)])
  return Buffer.concat([Buffer.of(0x30, content.byteLength), content])
}

describe('ECDSA signatures of a digest are the published ones', () => {
  const vectors = [
    {
      source: 'RFC 6979 §A.2.5, P-256, SHA-256, "sample"',
      hash: 'sha256',
      key: ecPrivateKey(
        'P-256',
        'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721',
        '60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6',
        '7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
      ),
      message: 'sample',
      signature: der(
        'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716',
        'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
      ),
    },
    {
      source: 'RFC 6979 §A.2.6, P-384, SHA-384, "sample"',
      hash: 'sha384',
      key: ecPrivateKey(
        'P-384',
        '6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5',
        'ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13',
        '8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720',
      ),
      message: 'sample',
      signature: der(
        '94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46',
        '99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8',
      ),
    },
    {
      source:
        'the vector for secp256k1 that Bitcoin implementations share, before they negate s: key 1, "Satoshi Nakamoto"',
      hash: 'sha256',
      key: ecPrivateKey(
        'secp256k1',
        `${'00'.repeat(31)}01`,
        '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
        '483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8',
      ),
      message: 'Satoshi Nakamoto',
      signature: der(
        '934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8',
        'dbbd3162d46e9f9bef7feb87c16dc13b4f6568a87f4e83f728e2443ba586675c',
      ),
    },
  ] as const

  test.each(vectors)('$source', async ({ hash, key, message, signature }) => {
    const algorithm = { scheme: 'ecdsa', hash } as const
    const digest = hashed(hash, Buffer.from(message))
    const publicKey = createPublicKey(key)
    expect(signDigestSync(algorithm, key, digest)).toEqual(signature)
    expect(verifyDigestSync(algorithm, publicKey, digest, signature)).toBe(true)
    expect(await verifyMessage(algorithm, publicKey, Buffer.from(message), signature)).toBe(true)
  })
})

test('RFC 8032 §7.1, Ed25519 test 2', async () => {
  const seed = bytes('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb')
  const key = createPrivateKey({
    key: Buffer.concat([bytes('302e020100300506032b657004220420'), seed]),
    type: 'pkcs8',
    format: 'der',
  })
  const algorithm = { scheme: 'eddsa', hash: null } as const
  const signature = await signMessage(algorithm, key, Buffer.of(0x72))
  expect(signature.toString('hex')).toBe(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  )
  expect(await verifyMessage(algorithm, createPublicKey(key), Buffer.of(0x72), signature)).toBe(true)
})

test('NIST CAVP SigGen15_186-3, PKCS #1 v1.5 with SHA-256', async () => {
  const publicKey = rsaPublicKey(
    `a3ecf80ff1804833c36a89a1583f58ef3332476a50a153e73ced17796139636045c131a6b17222ba8848f70150b18dfa
     390bfb1670ae982dfbc311fd0ede055564687af3805ca883944bb5ac9ec19b0e0cfbd9a314d70b17080c3d49b50cbf41
     7062eb41bd639d67a5fb330ec55a0489fee08eeec97ed487c114b20393fe0aef`,
    '1001',
  )
  const message = bytes(
    `dfce08b64b9ea4014947012670548da4ceeee084dbfe509aac92bf096982b8050153bbdd1c5bd4385226729e9a19773b
     05558ce0acdfb74be6fd2fa8bfe36f58a68e89f066f1bd85584f4a27d6e884abf2d727ae683bebd6d295585b1b71dcc6
     36491bf910a68670c3882fc60c08db7bff3c59f4f95b13c3d721e329657528d9`,
  )
  const signature = bytes(
    `8d9d30a87df0c2f6cd651fcaf2b9ac1296287ad3d4b03132e330f08ab701fc197040d0a261f631e7e34478b592551e1f
     682395c9e2b54c8ce8b0c72c1b5a79748cc34f9152730a7f67fae1225a4ce750f1d5d4e288176df197e7503c88b5baec
     ef3abcf2875f111e6d7f7b4dc8afa2ed3c1d7ad8e7cf45a77f0b1cb178518402`,
  )
  const algorithm = { scheme: 'rsa-pkcs1', hash: 'sha256' } as const
  expect(verifyDigestSync(algorithm, publicKey, hashed('sha256', message), signature)).toBe(true)
  expect(await verifyMessage(algorithm, publicKey, message, signature)).toBe(true)
})

describe('Wycheproof rsa_pss_2048_sha256_mgf1_32', () => {
  const publicKey = rsaPublicKey(
    `a2b451a07d0aa5f96e455671513550514a8a5b462ebef717094fa1fee82224e637f9746d3f7cafd31878d80325b6ef5a
     1700f65903b469429e89d6eac8845097b5ab393189db92512ed8a7711a1253facd20f79c15e8247f3d3e42e46e48c98e
     254a2fe9765313a03eff8f17e1a029397a1fa26a8dce26f490ed81299615d9814c22da610428e09c7d9658594266f5c0
     21d0fceca08d945a12be82de4d1ece6b4c03145b5d3495d4ed5411eb878daf05fd7afc3e09ada0f1126422f590975a19
     69816f48698bcbba1b4d9cae79d460d8f9f85e7975005d9bc22c4e5ac0f7c1a45d12569a62807d3b9a02e5a530e77306
     6f453d1f5b4c2e9cf7820283f742b9d5`,
    '010001',
  )
  const cases = [
    {
      tcId: 3,
      message: bytes('54657374'),
      signature: bytes(
        `401eb03cdb47ca88033e3030f6bdecbac8f5c8fc1dd6a13d23d379ed9a2b309891d13d74fea9d21d159b9e6d8f37efa2
         489962e24555f56dd434ff1d31ce4f9f5abd3f22cbea8b691d6a11e44efb83e2bca155e6a164325e0fde2a8865afd5c9
         f51161a9d615f62af7ec2e31b3e5ab649c164490d31d88cfae35b84aea7925690f929a144b6d2f48e8fb894a52deecd1
         b9a6496990c4ecf1588699a42cacd10c53af350514e4291ea9a058e77f101e32c1c0cefa61d945f7bc931f8bd19e7ba3
         169358a60e5a8b0123bc3199b9fdcafe8e519c41ba675491a27b85e44ef2d77277c10fe107293c8290186913bc9a99b6
         40d8da041b64f31eab1d35920985f4a5`,
      ),
    },
    {
      tcId: 4,
      message: bytes('313233343030'),
      signature: bytes(
        `68caf07e71ee654ffabf07d342fc4059deb4f7e5970746c423b1e8f668d5332275cc35eb61270aebd27855b1e80d59de
         f47fe8882867fd33c2308c91976baa0b1df952caa78db4828ab81e79949bf145cbdfd1c4987ed036f81e8442081016f2
         0fa4b587574884ca6f6045959ce3501ae7c02b1902ec1d241ef28dee356c0d30d28a950f1fbc683ee7d9aad26b048c13
         426fe3975d5638afeb5b9c1a99d162d3a5810e8b074d7a2eae2be52b577151f76e1f734b0a956ef4f22be64dc20a81ad
         1316e4f79dff5fc41fc08a20bc612283a88415d41595bfea66d59de7ac12e230f72244ad9905aef0ead3fa41ed70bf42
         18863d5f041292f2d14ce0a7271c6d36`,
      ),
    },
  ]

  test.each(cases)('test $tcId', async ({ message, signature }) => {
    const algorithm = { scheme: 'rsa-pss', hash: 'sha256' } as const
    const digest = hashed('sha256', message)
    expect(verifyDigestSync(algorithm, publicKey, digest, signature)).toBe(true)
    expect(await verifyMessage(algorithm, publicKey, message, signature)).toBe(true)
    const other = { scheme: 'rsa-pkcs1', hash: 'sha256' } as const
    expect(verifyDigestSync(other, publicKey, digest, signature)).toBe(false)
    expect(await verifyMessage(other, publicKey, message, signature)).toBe(false)
  })
})

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pairs = {
  rsa,
  prime256v1: generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
  secp384r1: generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
  secp256k1: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  ed25519: generateKeyPairSync('ed25519'),
  'ml-dsa-44': generateKeyPairSync('ml-dsa-44'),
  'ml-dsa-65': generateKeyPairSync('ml-dsa-65'),
  'ml-dsa-87': generateKeyPairSync('ml-dsa-87'),
}

const digestCases: [keyof typeof pairs, DigestAlgorithm][] = [
  ...(['sha256', 'sha384', 'sha512'] as const).flatMap((hash): [keyof typeof pairs, DigestAlgorithm][] => [
    ['rsa', { scheme: 'rsa-pss', hash }],
    ['rsa', { scheme: 'rsa-pkcs1', hash }],
  ]),
  ['prime256v1', { scheme: 'ecdsa', hash: 'sha256' }],
  ['secp384r1', { scheme: 'ecdsa', hash: 'sha384' }],
  ['secp256k1', { scheme: 'ecdsa', hash: 'sha256' }],
]

const messageCases: [keyof typeof pairs, SigningAlgorithm][] = [
  ...digestCases,
  ['ed25519', { scheme: 'eddsa', hash: null }],
  ['ml-dsa-44', { scheme: 'ml-dsa', hash: null }],
  ['ml-dsa-65', { scheme: 'ml-dsa', hash: null }],
  ['ml-dsa-87', { scheme: 'ml-dsa', hash: null }],
]

const everyBit = { rsa: 1, prime256v1: 1, secp256k1: 1, ed25519: 1 }

/** Where verifying is too slow, or the signature too long, for each bit. */
const someBits = { secp384r1: 7, 'ml-dsa-44': 97, 'ml-dsa-65': 97, 'ml-dsa-87': 97 }

/** Signatures that are none: a bit flipped anywhere, cut or prolonged at either end, zeros, ones, nothing. */
function* notSignatures(name: keyof typeof pairs, signature: Buffer): Generator<Buffer> {
  const stride = { ...everyBit, ...someBits }[name]
  for (let bit = 0; bit < signature.byteLength * 8; bit += stride) {
    const copy = Buffer.from(signature)
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    yield copy
  }
  for (const length of [0, 1, signature.byteLength >> 1, signature.byteLength - 1]) {
    yield signature.subarray(0, length)
    yield signature.subarray(signature.byteLength - length)
  }
  yield Buffer.concat([signature, Buffer.of(0)])
  yield Buffer.concat([Buffer.of(0), signature])
  yield Buffer.alloc(signature.byteLength)
  yield Buffer.alloc(signature.byteLength, 0xff)
}

test.each(digestCases)(
  '%s %o: what signs the message signs its digest, and the other way round',
  async (name, algorithm) => {
    const { privateKey, publicKey } = pairs[name]
    for (let i = 0; i < 20; i++) {
      const message = hashed('sha512', Buffer.from(`message ${i}`))
      const digest = hashed(algorithm.hash, message)
      const ofDigest = signDigestSync(algorithm, privateKey, digest)
      const ofMessage = await signMessage(algorithm, privateKey, message)
      expect(await verifyMessage(algorithm, publicKey, message, ofDigest)).toBe(true)
      expect(verifyDigestSync(algorithm, publicKey, digest, ofMessage)).toBe(true)
      expect(verifyDigestSync(algorithm, publicKey, hashed(algorithm.hash, digest), ofMessage)).toBe(false)
    }
  },
)

test.each(digestCases)('%s %o: no changed signature of a digest passes', (name, algorithm) => {
  const { privateKey, publicKey } = pairs[name]
  const digest = hashed(algorithm.hash, Buffer.from('message'))
  for (const changed of notSignatures(name, signDigestSync(algorithm, privateKey, digest))) {
    expect(verifyDigestSync(algorithm, publicKey, digest, changed)).toBe(false)
  }
})

test.each(messageCases)('%s %o: no changed signature of a message passes', async (name, algorithm) => {
  const { privateKey, publicKey } = pairs[name]
  const message = Buffer.from('message')
  const signature = await signMessage(algorithm, privateKey, message)
  expect(await verifyMessage(algorithm, publicKey, message, signature)).toBe(true)
  expect(await verifyMessage(algorithm, publicKey, Buffer.from('massage'), signature)).toBe(false)
  for (const changed of notSignatures(name, signature)) {
    expect(await verifyMessage(algorithm, publicKey, message, changed)).toBe(false)
  }
})

describe('PKCS #1 v1.5 with a forged encoding does not pass (RFC 8017 §8.2.2)', () => {
  const algorithm = { scheme: 'rsa-pkcs1', hash: 'sha256' } as const
  const digest = hashed('sha256', Buffer.from('message'))
  const info = digestInfo('sha256', digest)
  const padded = (head: Buffer, tail: Buffer): Buffer =>
    Buffer.concat([head, Buffer.alloc(256 - head.byteLength - tail.byteLength, 0xff), tail])
  const start = Buffer.of(0, 1)
  const right = padded(start, Buffer.concat([Buffer.of(0), info]))
  const signed = (encoded: Buffer): Buffer =>
    privateEncrypt({ key: rsa.privateKey, padding: constants.RSA_NO_PADDING }, encoded)

  test('the right encoding, made by hand, passes', () => {
    expect(verifyDigestSync(algorithm, rsa.publicKey, digest, signed(right))).toBe(true)
  })

  test.each([
    [
      'the hash moved to the left, garbage behind it',
      Buffer.concat([
        start,
        Buffer.alloc(8, 0xff),
        Buffer.of(0),
        info,
        Buffer.alloc(256 - 11 - info.byteLength, 0xaa),
      ]),
    ],
    ['garbage inside the padding', Buffer.from(right).fill(0xaa, 20, 21)],
    ['no zero at the end of the padding', padded(start, Buffer.concat([Buffer.of(0xff), info]))],
    ['block type 2', padded(Buffer.of(0, 2), Buffer.concat([Buffer.of(0), info]))],
    ['no DigestInfo around the digest', padded(start, Buffer.concat([Buffer.of(0), digest]))],
    [
      'algorithm parameters left out',
      padded(
        start,
        Buffer.concat([Buffer.of(0), bytes('302f300b0609608648016503040201'), bytes('0420'), digest]),
      ),
    ],
    [
      'the DigestInfo of another hash',
      padded(start, Buffer.concat([Buffer.of(0), digestInfo('sha512', digest)])),
    ],
  ])('%s', async (_name, encoded) => {
    expect(verifyDigestSync(algorithm, rsa.publicKey, digest, signed(encoded))).toBe(false)
    expect(await verifyMessage(algorithm, rsa.publicKey, Buffer.from('message'), signed(encoded))).toBe(false)
  })
})

describe('PSS', () => {
  test.each(['sha256', 'sha384', 'sha512'] as const)(
    '%s: another salt length does not pass',
    async (hash) => {
      const message = Buffer.from('message')
      const algorithm = { scheme: 'rsa-pss', hash } as const
      for (const saltLength of [0, 20, hashBytes[hash] - 1, hashBytes[hash] + 1]) {
        const padding = constants.RSA_PKCS1_PSS_PADDING
        const signature = sign(hash, message, { key: rsa.privateKey, padding, saltLength })
        expect(verifyDigestSync(algorithm, rsa.publicKey, hashed(hash, message), signature)).toBe(false)
        expect(await verifyMessage(algorithm, rsa.publicKey, message, signature)).toBe(false)
      }
    },
  )

  test.each([2048, 3072, 4096])('no changed bit of an encoding for %i bits passes', (modulusBits) => {
    const digest = hashed('sha256', Buffer.from('message'))
    const encoded = encodePss('sha256', digest, Buffer.alloc(32, 7), modulusBits)
    expect(isPssEncoding('sha256', digest, encoded, modulusBits)).toBe(true)
    for (let bit = 0; bit < modulusBits; bit++) {
      const changed = Buffer.from(encoded)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(isPssEncoding('sha256', digest, changed, modulusBits)).toBe(false)
    }
    expect(isPssEncoding('sha256', digest, encoded.subarray(1), modulusBits)).toBe(false)
  })
})

test.each(['rsa-pss', 'rsa-pkcs1'] as const)(
  '%s: a signature that begins with a zero does not pass without it (RFC 8017 §8.1.2 and §8.2.2, step 1)',
  async (scheme) => {
    const algorithm = { scheme, hash: 'sha256' } as const
    // One in 256 begins with a zero byte, which changes the length and not the number.
    for (let tried = 0; ; tried++) {
      const message = Buffer.from(`message ${tried}`)
      const digest = hashed('sha256', message)
      const signature = signDigestSync(algorithm, rsa.privateKey, digest)
      if (signature[0] !== 0) continue
      expect(await verifyMessage(algorithm, rsa.publicKey, message, signature)).toBe(true)
      expect(await verifyMessage(algorithm, rsa.publicKey, message, signature.subarray(1))).toBe(false)
      expect(verifyDigestSync(algorithm, rsa.publicKey, digest, signature.subarray(1))).toBe(false)
      return
    }
  },
  30_000,
)
