import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { KeyMaterial } from './key-material.ts'

const secretHex = '5ec2e7'.repeat(8)

/** Ways in which a secret ends up in a log, a page or an error report. */
const printers: Record<string, (material: KeyMaterial) => string> = {
  String: (material) => String(material),
  'a template literal': (material) => `key: ${material}`,
  concatenation: (material) => `${'key: '}${material}`,
  'JSON.stringify': (material) => JSON.stringify({ material }),
  'util.inspect': (material) => inspect({ material }, { depth: null, showHidden: true, getters: true }),
  'util.inspect without custom functions': (material) =>
    inspect(material, { customInspect: false, showHidden: true }),
  'an error message': (material) => inspect(new Error(`Cannot use ${material}`)),
  'the cause of an error': (material) => inspect(new Error('Cannot use it', { cause: material })),
  'a structured clone': (material) => inspect(structuredClone({ ...material })),
  'its own keys and values': (material) => inspect(Object.entries(material)),
}

test.each(Object.entries(printers))('%s shows no byte', (_name, print) => {
  const material = KeyMaterial.take(Buffer.from(secretHex, 'hex'))
  const printed = print(material)
  expect(printed).not.toContain('5ec2e7')
  expect(printed).not.toMatch(/5e c2 e7|94, ?194, ?231/)
  expect(printed).not.toContain(Buffer.from(secretHex, 'hex').toString('base64').slice(0, 8))
})

test('prints as [redacted]', () => {
  const material = KeyMaterial.random(16)
  expect([`${material}`, JSON.stringify(material), inspect(material)]).toEqual([
    '[redacted]',
    '"[redacted]"',
    '[redacted]',
  ])
})

test('taking bytes overwrites where they came from', () => {
  const source = Buffer.from(secretHex, 'hex')
  const material = KeyMaterial.take(source)
  expect(material.reveal().toString('hex')).toBe(secretHex)
  expect(source.every((byte) => byte === 0)).toBe(true)
})

test('disposal overwrites the bytes and ends their use', () => {
  const material = KeyMaterial.random(32)
  const view = material.reveal()
  material[Symbol.dispose]()
  expect(view.every((byte) => byte === 0)).toBe(true)
  expect(() => material.reveal()).toThrow('disposed')
  expect(material.length).toBe(32)
})
