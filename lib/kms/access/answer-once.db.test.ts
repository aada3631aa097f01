import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { DatabaseProxy } from '#lib/db/testing/database-proxy.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { answerOnce, type StoredAnswer } from './answer-once.ts'

let proxy: DatabaseProxy
let w: TestWorld

beforeAll(async () => {
  proxy = await DatabaseProxy.open(inject('databaseUrl'))
  w = await testWorld(proxy.connectionString)
})

afterAll(async () => {
  await w[Symbol.asyncDispose]()
  await proxy[Symbol.asyncDispose]()
})

/** Asks twice with one signature; answers both, and how often the write was done. */
async function twice(first: StoredAnswer): Promise<{ answers: StoredAnswer[]; done: number }> {
  const signature = randomBytes(32)
  let done = 0
  const ask = () =>
    answerOnce(w.ctx, signature, async () => {
      done++
      return done === 1 ? first : { status: 200, body: 'done again' }
    })
  return { answers: [await ask(), await ask()], done }
}

test.each([200, 400, 404, 504])('an answer with %d is the answer to every repeat', async (status) => {
  const first = { status, body: 'the first' }
  expect(await twice(first)).toEqual({ answers: [first, first], done: 1 })
})

test('after a 503 nothing was done, and a repeat does it', async () => {
  const first = { status: 503, body: 'busy' }
  expect(await twice(first)).toEqual({ answers: [first, { status: 200, body: 'done again' }], done: 2 })
})

test('what was done is told though the database is lost before it could be written down', async () => {
  const answer = await answerOnce(w.ctx, randomBytes(32), async () => {
    proxy.set('cut')
    return { status: 200, body: 'done' }
  })
  proxy.set('open')
  expect(answer).toEqual({ status: 200, body: 'done' })
})
