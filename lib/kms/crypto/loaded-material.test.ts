import { expect, test } from 'vitest'
import { DecryptionFailed } from './decryption-failed.ts'
import { openEnvelope, sealEnvelope } from './envelope.ts'
import { parseEnvelope } from './envelope-layout.ts'
import { KeyMaterial } from './key-material.ts'
import { LoadedMaterial, messagesPerSaltMax, saltAgeMax } from './loaded-material.ts'

const binding = {
  cipher: 'aes-256-gcm',
  accountId: '6f0e8c1a11114222833344445555666f',
  setId: '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d',
  materialVersion: 1,
} as const
const secret = Buffer.alloc(32, 7)
const fresh = (): KeyMaterial => KeyMaterial.take(Buffer.from(secret))
const nothing = Buffer.alloc(0)
const message = Buffer.from('message')

function loaded(messagesMax?: number) {
  const clock = { now: 0 }
  return { clock, material: new LoadedMaterial(fresh(), binding, () => clock.now, messagesMax) }
}

const saltOf = (sealed: Buffer): string => Buffer.from(parseEnvelope(sealed).salt).toString('hex')

test('opens what it sealed, and what was sealed under any other salt of the same material', () => {
  const { material } = loaded()
  expect(material.open('data', material.seal('data', message, nothing), nothing)).toEqual(message)
  const elsewhere = sealEnvelope(fresh(), binding, 'data', message, nothing)
  expect(material.open('data', elsewhere, nothing)).toEqual(message)
  expect(openEnvelope(fresh(), binding, 'data', material.seal('data', message, nothing), nothing)).toEqual(
    message,
  )
})

test('each load and each kind has a salt of its own', () => {
  const one = loaded().material
  const two = loaded().material
  const salts = [
    one.seal('data', message, nothing),
    one.seal('data key', message, nothing),
    two.seal('data', message, nothing),
  ].map(saltOf)
  expect(new Set(salts).size).toBe(3)
  expect(saltOf(one.seal('data', message, nothing))).toBe(salts[0])
})

test('a new salt is drawn after the allowed number of messages', () => {
  const { material } = loaded(3)
  const sealed = Array.from({ length: 7 }, () => material.seal('data', message, nothing))
  const salts = sealed.map(saltOf)
  expect(new Set(salts.slice(0, 3)).size).toBe(1)
  expect(new Set(salts.slice(3, 6)).size).toBe(1)
  expect(new Set(salts).size).toBe(3)
  for (const one of sealed) expect(material.open('data', one, nothing)).toEqual(message)
})

test('a new salt is drawn after 24 hours', () => {
  const { clock, material } = loaded()
  const first = saltOf(material.seal('data', message, nothing))
  clock.now = saltAgeMax - 1
  expect(saltOf(material.seal('data', message, nothing))).toBe(first)
  clock.now = saltAgeMax
  expect(saltOf(material.seal('data', message, nothing))).not.toBe(first)
})

test('the bounds are 2^31 messages and 24 hours', () => {
  expect([messagesPerSaltMax, saltAgeMax]).toEqual([2_147_483_648, 86_400_000])
})

test('forged and foreign envelopes are refused, and many of them do not matter to the next good one', () => {
  const { material } = loaded()
  const good = material.seal('data', message, nothing)
  for (let index = 0; index < 200; index += 1) {
    const forged = Buffer.from(good)
    forged.writeUInt32BE(index, 22)
    expect(() => material.open('data', forged, nothing)).toThrow(new DecryptionFailed())
  }
  for (let index = 0; index < 200; index += 1) {
    const other = sealEnvelope(fresh(), binding, 'data', message, nothing)
    expect(material.open('data', other, nothing)).toEqual(message)
  }
  expect(material.open('data', good, nothing)).toEqual(message)
  expect(() => material.open('data key', good, nothing)).toThrow(new DecryptionFailed())
})

test('disposal ends sealing and opening', () => {
  const { material } = loaded()
  const sealed = material.seal('data', message, nothing)
  material[Symbol.dispose]()
  expect(() => material.seal('data', message, nothing)).toThrow('disposed')
  expect(() => material.open('data', sealed, nothing)).toThrow('disposed')
})
