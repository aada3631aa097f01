import { createDecipheriv, hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecryptionFailed } from './decryption-failed.ts'
import { type EnvelopeBinding, openEnvelope, sealEnvelope } from './envelope.ts'
import { type EnvelopeKind, envelopeBytesMin, parseEnvelope } from './envelope-layout.ts'
import { KeyMaterial } from './key-material.ts'

const account = '6f0e8c1a-1111-4222-8333-444455556666'
const otherAccount = '6f0e8c1a-1111-4222-8333-444455556667'
const setId = '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d'
const aad = Buffer.from('orders')
const plaintext = Buffer.from('the plaintext of a message')

const aes = { cipher: 'aes-256-gcm', accountId: account, setId, materialVersion: 3 } as const
const sm4 = { ...aes, cipher: 'sm4-gcm' } as const
const materialFor = (binding: EnvelopeBinding): KeyMaterial =>
  KeyMaterial.random(binding.cipher === 'sm4-gcm' ? 16 : 32)

const kinds: EnvelopeKind[] = [
  'data',
  'data key',
  'data key pair',
  'import token',
  'sealed material',
  'sealed secret',
]

describe.each([
  ['AES-256-GCM', aes],
  ['SM4-GCM', sm4],
])('%s', (_name, binding) => {
  const material = materialFor(binding)
  const sealed = sealEnvelope(material, binding, 'data', plaintext, aad)
  const refused = (
    bytes: Uint8Array,
    changed: Partial<EnvelopeBinding> = {},
    callerData: Uint8Array = aad,
  ) => {
    expect(() => openEnvelope(material, { ...binding, ...changed }, 'data', bytes, callerData)).toThrow(
      new DecryptionFailed(),
    )
  }

  test('what is sealed opens to the same bytes, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 4096 }),
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(...kinds),
        (message, callerData, kind) => {
          const envelope = sealEnvelope(material, binding, kind, message, callerData)
          expect(openEnvelope(material, binding, kind, envelope, callerData).equals(message)).toBe(true)
        },
      ),
    )
  })

  test('every single flipped bit is refused', () => {
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const damaged = Buffer.from(sealed)
      damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      refused(damaged)
    }
  })

  test('every truncation, at either end, and every extension is refused', () => {
    for (let length = 0; length < sealed.length; length += 1) {
      refused(sealed.subarray(0, length))
      refused(sealed.subarray(sealed.length - length))
    }
    refused(Buffer.concat([sealed, Buffer.alloc(1)]))
  })

  test('another key is refused', () => {
    expect(() => openEnvelope(materialFor(binding), binding, 'data', sealed, aad)).toThrow(
      new DecryptionFailed(),
    )
  })

  test('another account, set or version is refused', () => {
    refused(sealed, { accountId: otherAccount })
    refused(sealed, { setId: otherAccount })
    refused(sealed, { materialVersion: 4 })
  })

  test('other associated data is refused', () => {
    for (const other of ['', 'order', 'orders ', 'Orders']) refused(sealed, {}, Buffer.from(other))
  })

  test('no kind is opened as another, in either direction', () => {
    for (const made of kinds) {
      const envelope = sealEnvelope(material, binding, made, plaintext, aad)
      for (const asked of kinds.filter((kind) => kind !== made)) {
        expect(() => openEnvelope(material, binding, asked, envelope, aad)).toThrow(new DecryptionFailed())
        // Nor after the byte that names the kind was rewritten to fit.
        const relabelled = Buffer.from(envelope)
        relabelled[1] = kinds.indexOf(asked) + 1
        expect(() => openEnvelope(material, binding, asked, relabelled, aad)).toThrow(new DecryptionFailed())
      }
    }
  })
})

test('every failure looks the same', () => {
  const material = materialFor(aes)
  const sealed = sealEnvelope(material, aes, 'data', plaintext, aad)
  const failures = [
    () => openEnvelope(material, aes, 'data', Buffer.alloc(0), aad),
    () => openEnvelope(material, aes, 'data key', sealed, aad),
    () => openEnvelope(material, aes, 'data', sealed, Buffer.alloc(0)),
    () => openEnvelope(materialFor(aes), aes, 'data', sealed, aad),
  ].map((open) => {
    try {
      open()
    } catch (error) {
      const { name, message, cause } = error as Error
      return { name, message, cause }
    }
    return undefined
  })
  expect(failures).toEqual(
    failures.map(() => ({ name: 'DecryptionFailed', message: 'Decryption failed', cause: undefined })),
  )
})

test('the key of a ciphertext is known without opening it', () => {
  const sealed = sealEnvelope(materialFor(aes), aes, 'data key', plaintext, aad)
  expect(parseEnvelope(sealed)).toMatchObject({ kind: 'data key', setId, materialVersion: 3 })
})

test('an envelope inside a larger buffer is read from its own place', () => {
  const material = materialFor(aes)
  const sealed = sealEnvelope(material, aes, 'data', plaintext, aad)
  const inside = Buffer.concat([Buffer.alloc(7, 1), sealed, Buffer.alloc(5, 2)]).subarray(
    7,
    7 + sealed.length,
  )
  expect(openEnvelope(material, aes, 'data', inside, aad)).toEqual(plaintext)
})

test('two seals of one message share neither salt, nor IV, nor ciphertext', () => {
  const material = materialFor(aes)
  const [one, two] = [0, 1].map(() => parseEnvelope(sealEnvelope(material, aes, 'data', plaintext, aad)))
  for (const part of ['salt', 'iv', 'ciphertext', 'tag'] as const)
    expect(one?.[part]).not.toEqual(two?.[part])
})

test('the base64 of a ciphertext has the length that clients accept, for 1 to 4,096 bytes', () => {
  const material = materialFor(aes)
  for (const length of [1, 15, 16, 79, 80, 1024, 4095, 4096]) {
    const text = sealEnvelope(material, aes, 'data', Buffer.alloc(length), aad).toString('base64')
    expect(text).toMatch(/^[0-9a-zA-Z+/=]{188,5648}$/)
  }
})

test('ids that are no ids are refused before anything is sealed', () => {
  for (const accountId of ['', 'account', account.toUpperCase(), `${account}0`]) {
    expect(() => sealEnvelope(materialFor(aes), { ...aes, accountId }, 'data', plaintext, aad)).toThrow(
      RangeError,
    )
  }
})

test('the layout is the documented one, taken apart here by hand', () => {
  const material = materialFor(aes)
  const sealed = sealEnvelope(material, aes, 'data', plaintext, aad)
  expect(sealed.length).toBe(envelopeBytesMin + 80)
  expect(sealed.subarray(0, 22).toString('hex')).toBe(`0101${setId.replaceAll('-', '')}00000003`)
  const key = Buffer.from(hkdfSync('sha256', material.reveal(), sealed.subarray(22, 38), 'keystead data', 32))
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(38, 50))
  decipher.setAAD(
    Buffer.concat([
      sealed.subarray(0, 50),
      Buffer.from(account.replaceAll('-', ''), 'hex'),
      Buffer.from('00000006', 'hex'),
      aad,
    ]),
  )
  decipher.setAuthTag(sealed.subarray(-16))
  const padded = Buffer.concat([decipher.update(sealed.subarray(50, -16)), decipher.final()])
  expect(padded).toEqual(
    Buffer.concat([plaintext, Buffer.from([0x80]), Buffer.alloc(80 - plaintext.length - 1)]),
  )
})
