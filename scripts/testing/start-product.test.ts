import { expect, test } from 'vitest'
import { freePorts } from './start-product.ts'

// Of two ports asked for one after the other, one pair in some thousands is the same port twice: a start refuses it.
test('free ports differ from each other', async () => {
  expect(new Set(await freePorts(500)).size).toBe(500)
})
