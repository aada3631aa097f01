import { createPrivateKey, createPublicKey } from 'node:crypto'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { KmsError } from '#lib/kms/model/errors.ts'
import { keySpecNames, materialShape } from '#lib/kms/model/key-spec.ts'
import { generateMaterial } from './generate-material.ts'

test.each(keySpecNames)('%s: material of its shape, fresh each time', async (spec) => {
  const shape = materialShape(spec)
  const { material, publicKey } = await generateMaterial(spec)
  if (shape.type === 'secret') {
    expect(publicKey).toBeNull()
    expect(material.length).toBe(shape.bytes)
    expect((await generateMaterial(spec)).material.reveal()).not.toEqual(material.reveal())
    return
  }
  const privateKey = createPrivateKey({ key: material.reveal(), type: 'pkcs8', format: 'der' })
  expect(privateKey.asymmetricKeyType).toBe(shape.keyType)
  expect(publicKey).toEqual(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }))
})

test('what is generated does not print', async () => {
  const generated = await generateMaterial('EC_P256')
  expect(inspect(generated)).toContain('material: [redacted]')
  expect(JSON.stringify(generated)).toContain('"material":"[redacted]"')
})

test('too many RSA keys at once: some are refused as busy, the others are made', async () => {
  const results = await Promise.allSettled(Array.from({ length: 40 }, () => generateMaterial('RSA_2048')))
  const refused = results.filter((result) => result.status === 'rejected')
  expect(refused.map(({ reason }) => reason)).toEqual(
    refused.map(() => new KmsError('busy', { values: { seconds: 1 } })),
  )
  expect(refused).toHaveLength(40 - 25)
})
