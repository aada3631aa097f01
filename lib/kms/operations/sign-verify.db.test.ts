import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { algorithmsOf, type KeySpec, keySpecNames, keySpecs } from '../model/key-spec.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { sign } from './sign.ts'
import { verify } from './verify.ts'

let w: TestWorld

beforeAll(async () => {
  w = await testWorld(inject('databaseUrl'), { keyQuota: 1_000 })
})

afterAll(() => w[Symbol.asyncDispose]())

const message = Buffer.from('what is signed')
const specs = keySpecNames.filter((spec) => keySpecs[spec].kind === 'asymmetric')

/** The digest an algorithm signs; null for those that sign messages only. */
function digestOf(algorithm: string): Buffer | null {
  const [, bits] = /SHA_(\d+)$/.exec(algorithm) ?? []
  return bits === undefined || algorithm.startsWith('ED25519')
    ? null
    : createHash(`sha${bits}`).update(message).digest()
}

describe.each(specs)('%s', (spec: KeySpec) => {
  let key: { projectId: string; keyId: string }

  beforeAll(async () => {
    const { id } = await w.makeKey({ spec, usage: 'SIGN_VERIFY' })
    key = { projectId: w.projectId, keyId: id }
  }, 60_000)

  test.each(algorithmsOf(spec, 'SIGN_VERIFY'))('%s: a message', async (algorithm) => {
    const raw = { ...key, algorithm, message, messageType: 'RAW' } as const
    const { signature } = await sign(w.ctx, raw)
    expect(await verify(w.ctx, { ...raw, signature })).toEqual({ keyId: key.keyId, valid: true })
    const other = Buffer.from('what is not signed')
    expect((await verify(w.ctx, { ...raw, message: other, signature })).valid).toBe(false)
    for (const changed of changes(signature)) {
      expect((await verify(w.ctx, { ...raw, signature: changed })).valid).toBe(false)
    }
  })

  test.each(algorithmsOf(spec, 'SIGN_VERIFY'))('%s: its digest', async (algorithm) => {
    const digest = digestOf(algorithm)
    const raw = { ...key, algorithm, message, messageType: 'RAW' } as const
    const digested = { ...raw, message: digest ?? Buffer.alloc(64), messageType: 'DIGEST' } as const
    if (digest === null) {
      await expect(sign(w.ctx, digested)).rejects.toMatchObject({ code: 'algorithmNotForKey' })
      await expect(verify(w.ctx, { ...digested, signature: message })).rejects.toMatchObject({
        code: 'algorithmNotForKey',
      })
      return
    }
    const { signature } = await sign(w.ctx, digested)
    expect((await verify(w.ctx, { ...digested, signature })).valid).toBe(true)
    expect((await verify(w.ctx, { ...raw, signature })).valid).toBe(true)
    const ofMessage = await sign(w.ctx, raw)
    expect((await verify(w.ctx, { ...digested, signature: ofMessage.signature })).valid).toBe(true)
    const other = createHash('sha512').update('other').digest().subarray(0, digest.byteLength)
    expect((await verify(w.ctx, { ...digested, message: other, signature })).valid).toBe(false)
    for (const changed of changes(signature)) {
      expect((await verify(w.ctx, { ...digested, signature: changed })).valid).toBe(false)
    }
    for (const wrong of [digest.subarray(1), Buffer.concat([digest, Buffer.of(0)]), Buffer.alloc(20)]) {
      await expect(sign(w.ctx, { ...digested, message: wrong })).rejects.toMatchObject({
        code: 'digestLengthInvalid',
      })
    }
  })
})

/** Some that are none; every bit is tried where the schemes are tested. */
function changes(signature: Buffer): Buffer[] {
  const flipped = Buffer.from(signature)
  flipped[signature.byteLength >> 1] = (flipped[signature.byteLength >> 1] ?? 0) ^ 1
  return [flipped, signature.subarray(1), Buffer.concat([signature, Buffer.of(0)]), Buffer.alloc(0)]
}
