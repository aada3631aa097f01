import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { generateRandom } from './generate-random.ts'

let w: TestWorld

beforeAll(async () => {
  w = await testWorld(inject('databaseUrl'))
})

afterAll(() => w[Symbol.asyncDispose]())

test.each([8, 512, 8192])('%i bits', async (length) => {
  const { bytes } = await generateRandom(w.ctx, { projectId: w.projectId, length })
  expect(bytes).toHaveLength(length / 8)
})

test('never the same twice', async () => {
  const draw = () => generateRandom(w.ctx, { projectId: w.projectId, length: 256 })
  expect((await draw()).bytes).not.toEqual((await draw()).bytes)
})

test.each([
  [0, 'randomLengthInvalid'],
  [-8, 'randomLengthInvalid'],
  [8200, 'randomLengthInvalid'],
  [8.5, 'randomLengthInvalid'],
  [Number.NaN, 'randomLengthInvalid'],
  [Number.POSITIVE_INFINITY, 'randomLengthInvalid'],
  [9, 'randomLengthUneven'],
])('%d bits: %s', async (length, code) => {
  await expect(generateRandom(w.ctx, { projectId: w.projectId, length })).rejects.toMatchObject({ code })
})
