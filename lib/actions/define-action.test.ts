import { notFound, redirect } from 'next/navigation'
import { beforeEach, expect, test, vi } from 'vitest'
import * as z from 'zod'
import type { KmsContext } from '#lib/kms/context.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { defineAction, definePublicAction } from './define-action.ts'

const request = vi.hoisted(() => ({
  headers: new Headers(),
  ctx: null as object | null,
  refreshed: 0,
  logged: [] as unknown[],
}))

vi.mock('next/headers', () => ({ headers: async () => request.headers }))
vi.mock('next/cache', () => ({ refresh: () => request.refreshed++ }))
vi.mock('#lib/auth/service.ts', () => ({
  readService: async () => ({ publicUrl: 'https://kms.example.com' }),
}))
vi.mock('#lib/auth/read-session.ts', () => ({
  readSession: async () => request.ctx && { ctx: request.ctx },
}))
vi.mock('#lib/auth/logger.ts', () => ({
  logger: () => ({
    error: (entry: unknown) => request.logged.push(entry),
    warn: (entry: unknown) => request.logged.push(entry),
  }),
}))

const origin = 'https://kms.example.com'
const schema = z.object({
  name: z.string().min(1, 'Enter a name.'),
  tags: z.array(z.object({ key: z.string().min(1, 'Enter a key.') })).default([]),
})

beforeEach(() => {
  request.headers = new Headers({ origin, 'sec-fetch-site': 'same-origin' })
  request.ctx = { accountId: 'an account' }
  request.refreshed = 0
  request.logged = []
  greet.mockClear()
})

const greet = vi.fn(async (_ctx: KmsContext, input: z.output<typeof schema>) => `hello ${input.name}`)

const greetAction = defineAction(schema, greet)

test('gives the verb its context and the parsed input, answers its result and refreshes the page', async () => {
  expect(await greetAction({ name: 'Ana' })).toEqual({ ok: true, data: 'hello Ana' })
  expect(greet).toHaveBeenCalledExactlyOnceWith({ accountId: 'an account' }, { name: 'Ana', tags: [] })
  expect(request.refreshed).toBe(1)
})

test('does not refresh when it is told not to', async () => {
  await defineAction(schema, greet, { refresh: false })({ name: 'Ana' })
  expect(request.refreshed).toBe(0)
})

test.each([
  ['no origin', {}],
  ['no origin, same-origin by its own word', { 'sec-fetch-site': 'same-origin' }],
  ['an opaque origin', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
  ['another site', { origin: 'https://evil.example' }],
  [
    'another site that names our host in a header',
    { origin: 'https://evil.example', host: 'kms.example.com' },
  ],
  ['another port', { origin: 'https://kms.example.com:8443' }],
  ['plain http', { origin: 'http://kms.example.com' }],
  ['a longer name', { origin: 'https://kms.example.com.evil.example' }],
  ['a cross-site fetch', { origin, 'sec-fetch-site': 'cross-site' }],
  ['a sister host', { origin, 'sec-fetch-site': 'same-site' }],
  ['a typed address', { origin, 'sec-fetch-site': 'none' }],
])('refuses a post with %s', async (_what, headers) => {
  request.headers = new Headers(headers)
  for (const action of [greetAction, definePublicAction(schema, async () => 'done')]) {
    expect(await action({ name: 'Ana' })).toMatchObject({
      ok: false,
      error: { code: 'foreignOrigin', kind: 'refused', message: expect.stringContaining(origin) },
    })
  }
  expect(greet).not.toHaveBeenCalled()
})

test('lets an old browser pass, which sends no Sec-Fetch-Site', async () => {
  request.headers = new Headers({ origin })
  expect(await greetAction({ name: 'Ana' })).toMatchObject({ ok: true })
})

test('a lost session is told before anything about the input', async () => {
  request.ctx = null
  expect(await greetAction({ name: '' })).toMatchObject({
    ok: false,
    error: { code: 'signedOut', kind: 'signed-out', requestId: expect.stringMatching(/^[0-9a-f]{32}$/) },
  })
  expect(greet).not.toHaveBeenCalled()
})

test('input that does not parse is told field by field, whatever its type said', async () => {
  const forged = { name: '', tags: [{ key: 'a' }, { key: '' }] }
  expect(await greetAction(forged)).toMatchObject({
    ok: false,
    error: {
      code: 'invalidInput',
      kind: 'invalid',
      field: 'name',
      fields: [
        { field: 'name', message: 'Enter a name.' },
        { field: 'tags.1.key', message: 'Enter a key.' },
      ],
    },
  })
  for (const input of [null, 'name', 7, [], { name: { toString: 'x' } }]) {
    expect(await greetAction(input as never)).toMatchObject({ ok: false, error: { kind: 'invalid' } })
  }
  expect(greet).not.toHaveBeenCalled()
})

const failing = (error: unknown) =>
  defineAction(schema, async () => {
    throw error
  })({ name: 'Ana' })

test('a refusal keeps its code, words and field', async () => {
  expect(await failing(new KmsError('notPermitted'))).toMatchObject({
    ok: false,
    error: { code: 'notPermitted', kind: 'refused', message: 'You do not have permission to do this.' },
  })
  expect(await failing(new KmsError('keyNameTaken', { field: 'name' }))).toMatchObject({
    ok: false,
    error: { code: 'keyNameTaken', kind: 'invalid', field: 'name' },
  })
  expect(request.logged).toEqual([])
  expect(request.refreshed).toBe(0)
})

test('an error nobody expected is logged and told as an id only', async () => {
  const answer = await failing(new Error('the secret is swordfish'))
  expect(answer).toMatchObject({ ok: false, error: { code: 'unexpected', kind: 'unexpected' } })
  expect(JSON.stringify(answer)).not.toContain('swordfish')
  const requestId = answer.ok ? '' : answer.error.requestId
  expect(request.logged).toEqual([{ err: expect.any(Error), requestId }])
})

test('a database that does not answer is told as busy', async () => {
  const error = Object.assign(new Error('Unable to start a transaction in the given time.'), {
    code: 'P2028',
  })
  expect(await failing(error)).toMatchObject({ ok: false, error: { code: 'busy', kind: 'refused' } })
  expect(request.logged).toHaveLength(1)
})

test('redirects and not-founds of Next pass through', async () => {
  const leaving = defineAction(schema, async () => redirect('/keys'))
  const missing = defineAction(schema, async () => notFound())
  await expect(leaving({ name: 'Ana' })).rejects.toThrow('NEXT_REDIRECT')
  await expect(missing({ name: 'Ana' })).rejects.toThrow('NEXT_HTTP_ERROR_FALLBACK;404')
})
