import { execFile } from 'node:child_process'
import { createHash, generateKeyPairSync, type KeyObject, verify } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { KmsError } from '#lib/kms/model/errors.ts'
import { asymmetricStatistics, closeAsymmetricWork, offLoop, startAsymmetricWork } from './asymmetric-work.ts'
import { signDigest, verifyDigest } from './digest-signature.ts'
import type { DigestAlgorithm } from './digest-signature-sync.ts'
import { signMessage, verifyMessage } from './message-signature.ts'
import { decryptOaep, encryptOaep } from './oaep.ts'
import { WorkerLost } from './worker-pool.ts'

const busy = new KmsError('busy', { values: { seconds: 1 } })

type Case = { pair: { privateKey: KeyObject; publicKey: KeyObject }; algorithm: DigestAlgorithm }

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const cases = {
  pkcs1: { pair: rsa, algorithm: { scheme: 'rsa-pkcs1', hash: 'sha256' } },
  pss: { pair: rsa, algorithm: { scheme: 'rsa-pss', hash: 'sha256' } },
  p256: {
    pair: generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
    algorithm: { scheme: 'ecdsa', hash: 'sha256' },
  },
  p384: {
    pair: generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
    algorithm: { scheme: 'ecdsa', hash: 'sha384' },
  },
  k256: {
    pair: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
    algorithm: { scheme: 'ecdsa', hash: 'sha256' },
  },
} as const satisfies Record<string, Case>
const { p384 } = cases
const everyCase = Object.entries<Case>(cases)

const digestOf = ({ hash }: DigestAlgorithm, message: string): Buffer =>
  createHash(hash).update(message).digest()

const script = (body: string) => {
  const module = (name: string) => JSON.stringify(join(import.meta.dirname, name))
  const source = `
    import { generateKeyPairSync } from 'node:crypto'
    import { startAsymmetricWork } from ${module('asymmetric-work.ts')}
    import { signDigest } from ${module('digest-signature.ts')}
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    const sign = () => signDigest({ scheme: 'ecdsa', hash: 'sha256' }, privateKey, new Uint8Array(32))
    ${body}`
  return promisify(execFile)(process.execPath, ['--input-type=module', '-e', source])
}

afterEach(closeAsymmetricWork)

test.each(everyCase)('%s: a digest is signed and verified beside the event loop', async (_name, one) => {
  const { pair, algorithm } = one
  const digest = digestOf(algorithm, 'message')
  const order: string[] = []
  const signing = signDigest(algorithm, pair.privateKey, digest).finally(() => order.push('signed'))
  // Were it done before the call returned, or in a microtask, it would be the first.
  setImmediate(() => order.push('event loop'))
  const signature = await signing
  expect(order).toEqual(['event loop', 'signed'])
  expect(await verifyDigest(algorithm, pair.publicKey, digest, signature)).toBe(true)
  expect(await verifyDigest(algorithm, pair.publicKey, digestOf(algorithm, 'other'), signature)).toBe(false)
  expect(await verifyMessage(algorithm, pair.publicKey, Buffer.from('message'), signature)).toBe(true)
})

test.each(everyCase)('%s: a malformed signature is an answer', async (_name, { pair, algorithm }) => {
  const digest = digestOf(algorithm, 'message')
  const signature = await signDigest(algorithm, pair.privateKey, digest)
  const malformed = [
    Buffer.alloc(0),
    Buffer.from('not a signature'),
    Buffer.alloc(signature.byteLength),
    Buffer.alloc(signature.byteLength, 0xff),
    signature.subarray(1),
    Buffer.concat([signature, Buffer.of(0)]),
    Buffer.alloc(100_000, 0x30),
  ]
  for (const one of malformed) {
    expect(await verifyDigest(algorithm, pair.publicKey, digest, one)).toBe(false)
    expect(await verifyMessage(algorithm, pair.publicKey, Buffer.from('message'), one)).toBe(false)
  }
})

test('200 operations of all kinds at once give the right answers', async () => {
  const operations = Array.from({ length: 40 }, (_, index) => index).flatMap((index) => [
    ...(['pkcs1', 'pss', 'p256'] as const).map(async (name) => {
      const { pair, algorithm } = cases[name]
      const message = `${name} ${index}`
      const signature = await signDigest(algorithm, pair.privateKey, digestOf(algorithm, message))
      return verify(
        algorithm.hash,
        Buffer.from(message),
        algorithm.scheme === 'rsa-pss'
          ? { key: pair.publicKey, padding: 6, saltLength: 32 }
          : { key: pair.publicKey },
        signature,
      )
    }),
    (async () => {
      const { pair, algorithm } = index % 2 ? cases.p256 : cases.k256
      const message = Buffer.from(`message ${index}`)
      const signature = await signMessage(algorithm, pair.privateKey, message)
      const right = digestOf(algorithm, `message ${index}`)
      const wrong = digestOf(algorithm, `message ${index + 1}`)
      return (
        (await verifyDigest(algorithm, pair.publicKey, right, signature)) &&
        (index % 4 > 0 || !(await verifyDigest(algorithm, pair.publicKey, wrong, signature)))
      )
    })(),
    (async () => {
      const label = Buffer.from(`label ${index}`)
      const sealed = encryptOaep(rsa.publicKey, 'sha256', Buffer.from(`text ${index}`), label)
      return (await decryptOaep(rsa.privateKey, 'sha256', sealed, label)).toString() === `text ${index}`
    })(),
  ])
  expect(operations).toHaveLength(200)
  expect(await Promise.all(operations)).toEqual(Array(200).fill(true))
  expect(asymmetricStatistics()).toMatchObject({ running: 0, waiting: 0, refused: 0 })
})

/** Of the cheaper one about 310 are taken on for each core: a quarter of a second of work. */
const flood = 1_000 * availableParallelism()

const floods: [string, () => Promise<unknown>][] = [
  [
    'in worker threads',
    () => verifyDigest(p384.algorithm, p384.pair.publicKey, Buffer.alloc(48), Buffer.alloc(8)),
  ],
  ['in the pool of libuv', () => signMessage(p384.algorithm, p384.pair.privateKey, Buffer.alloc(1))],
]

test.each(floods)(
  'a flood %s is refused as busy, and what was accepted is answered',
  async (_where, operation) => {
    const outcomes = await Promise.allSettled(Array.from({ length: flood }, operation))
    const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    expect(refused.length).toBeGreaterThan(flood / 2)
    expect(refused.length).toBeLessThan(flood)
    expect(refused.every((error) => error instanceof KmsError && error.code === 'busy')).toBe(true)
    expect(refused[0]).toEqual(busy)
    expect(asymmetricStatistics()).toMatchObject({ running: 0, waiting: 0, refused: refused.length })
    await operation()
  },
)

test('who works in a thread that dies is told to try again, and the next call works', async () => {
  const { pair, algorithm } = p384
  const digest = digestOf(algorithm, 'message')
  const lost = offLoop(1, async (pool) => {
    const answer = pool.run({ kind: 'sign', algorithm, privateKey: pair.privateKey, digest })
    await pool.close()
    return answer
  })
  await expect(lost).rejects.toEqual(busy)
  await expect(lost).rejects.toHaveProperty('cause', expect.any(WorkerLost))
  await closeAsymmetricWork()
  const signature = await signDigest(algorithm, pair.privateKey, digest)
  expect(await verifyDigest(algorithm, pair.publicKey, digest, signature)).toBe(true)
})

test('what a worker cannot do is an error without the words of the cause', async () => {
  const wrong = signDigest(cases.p256.algorithm, rsa.privateKey, Buffer.alloc(32))
  await expect(wrong).rejects.toThrow('A worker thread could not do its task: RangeError')
})

test('closing lets everything that was accepted be answered', async () => {
  const { pair, algorithm } = p384
  const digest = digestOf(algorithm, 'message')
  const signing = Array.from({ length: 50 }, () => signDigest(algorithm, pair.privateKey, digest))
  let answered = 0
  for (const one of signing) one.then(() => (answered += 1))
  await closeAsymmetricWork()
  await Promise.all(signing)
  expect(answered).toBe(50)
})

test('idle threads do not keep a script from ending', async () => {
  const { stdout } = await script('startAsymmetricWork(); console.log((await sign()).byteLength > 60)')
  expect(stdout).toBe('true\n')
})

test('a script does not end before its answer', async () => {
  const { stdout } = await script(`sign().then(({ byteLength }) => console.log(byteLength > 60))`)
  expect(stdout).toBe('true\n')
})

test('all threads can be started ahead', async () => {
  startAsymmetricWork()
  expect(asymmetricStatistics().threads).toBe(availableParallelism())
  await signDigest(cases.pkcs1.algorithm, rsa.privateKey, Buffer.alloc(32))
  expect(asymmetricStatistics().threads).toBe(availableParallelism())
})
