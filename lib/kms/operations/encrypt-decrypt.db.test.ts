import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { decryptData } from './decrypt-data.ts'
import { encryptData } from './encrypt-data.ts'

let w: TestWorld

beforeAll(async () => {
  w = await testWorld(inject('databaseUrl'), { keyQuota: 1_000 })
})

afterAll(() => w[Symbol.asyncDispose]())

const text = Buffer.from('a small secret')
const code = (expected: string) => expect.objectContaining({ code: expected })

test.for(['AES_256', 'SM4'] as const)(
  '%s: what is encrypted is decrypted without naming the key',
  async (spec) => {
    const { id: keyId } = await w.makeKey({ spec })
    const { ciphertext } = await encryptData(w.ctx, { projectId: w.projectId, keyId, plaintext: text })
    expect(await decryptData(w.ctx, { projectId: w.projectId, ciphertext })).toEqual({
      keyId,
      plaintext: text,
    })
  },
)

test('RSA: key and algorithm are named on both ways', async () => {
  const { id: keyId } = await w.makeKey({ spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT' })
  const algorithm = 'RSAES_OAEP_SHA_256'
  const named = { projectId: w.projectId, keyId, algorithm }
  const { ciphertext } = await encryptData(w.ctx, { ...named, plaintext: text })
  expect(await decryptData(w.ctx, { ...named, ciphertext })).toEqual({ keyId, plaintext: text })
  await expect(decryptData(w.ctx, { projectId: w.projectId, ciphertext, algorithm })).rejects.toEqual(
    code('parameterMissing'),
  )
})
