import { beforeEach, expect, test, vi } from 'vitest'
import type { KmsContext } from '#lib/kms/context.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { defineJsonQuery, defineQuery } from './define-query.ts'

const request = vi.hoisted(() => ({ headers: new Headers(), ctx: null as object | null }))

vi.mock('next/headers', () => ({ headers: async () => request.headers }))
vi.mock('#lib/auth/context.ts', () => ({ readContext: async () => request.ctx }))
vi.mock('#lib/auth/logger.ts', () => ({ logger: () => ({ error: () => undefined, warn: () => undefined }) }))

beforeEach(() => {
  request.headers = new Headers({ 'x-keystead-page': '/keys?page=2' })
  request.ctx = { accountId: 'an account' }
})

const read = async (_ctx: KmsContext, { id }: { id: string }) => {
  if (id === 'missing') throw new KmsError('keyNotFound')
  if (id === 'forbidden') throw new KmsError('notPermitted')
  return { id }
}

const readThing = defineQuery(read)

test('answers the view', async () => {
  expect(await readThing({ id: 'a' })).toEqual({ id: 'a' })
})

test('signed out leads to the sign-in page and back', async () => {
  request.ctx = null
  await expect(readThing({ id: 'a' })).rejects.toMatchObject({
    digest: expect.stringContaining('/sign-in?next=%2Fkeys%3Fpage%3D2'),
  })
})

test('what is not there is not found, and another refusal is the page\u2019s to show', async () => {
  await expect(readThing({ id: 'missing' })).rejects.toThrow('NEXT_HTTP_ERROR_FALLBACK;404')
  await expect(readThing({ id: 'forbidden' })).rejects.toMatchObject({ code: 'notPermitted' })
})

const get = defineJsonQuery((_request, params: { id: string }) => params, read)

const call = (id: string) => get(new Request('http://127.0.0.1/things'), { params: Promise.resolve({ id }) })

test('the twin for GET answers JSON that nobody keeps', async () => {
  const response = await call('a')
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
  expect(await response.json()).toEqual({ id: 'a' })
})

test('the twin answers 401, not a redirect, when signed out', async () => {
  request.ctx = null
  const response = await call('a')
  expect(response.status).toBe(401)
  expect(await response.json()).toMatchObject({ error: { kind: 'signed-out' } })
})

test.each([
  ['missing', 404, 'keyNotFound'],
  ['forbidden', 403, 'notPermitted'],
])('the twin answers %s with %i', async (id, status, code) => {
  const response = await call(id)
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ error: { code } })
})
