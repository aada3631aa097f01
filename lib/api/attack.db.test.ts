import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type * as z from 'zod'
import { bodyBytesMax } from './create-endpoint.ts'
import type { Operation } from './operation.ts'
import { operations } from './operations/index.ts'
import { codeIn } from './testing/calls.ts'
import { answersIn, RawClient } from './testing/raw-client.ts'
import { type Sent, sendSigned, signedHeaders } from './testing/signed-request.ts'
import { type TestEndpoint, testEndpoint } from './testing/test-endpoint.ts'

let endpoint: TestEndpoint

beforeAll(async () => {
  endpoint = await testEndpoint({ keyQuota: 3 })
})

afterAll(() => endpoint[Symbol.asyncDispose]())

/** Nothing but a JSON object, without a trace of the inside; a refusal in the documented form. */
function checkAnswer({ status, body }: Pick<Sent, 'status' | 'body'>, about: unknown): void {
  const told = `${status} ${body}\n${JSON.stringify(about)?.slice(0, 2_000)}`
  expect(status, told).toBeLessThan(500)
  expect(body, told).not.toMatch(/node_modules|\.ts:\d+|\n\s+at |prisma|postgres|SELECT|constraint/i)
  if (status >= 400) expect(() => codeIn(body), told).not.toThrow()
  else if (status !== 204) expect(JSON.parse(body), told).toBeTypeOf('object')
}

// ── Requests made from the schemas ─────────────────────────────────────────────────────────────────────────────────

const oddText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.constantFrom(
    '',
    '\0',
    '\ud800',
    'null',
    '__proto__',
    "'; DROP TABLE key; --",
    '%00',
    '../..',
    '\u202e',
    '🔑'.repeat(300),
  ),
  fc.string({ unit: fc.constantFrom('a', '/', '-', '0', '=', '+'), minLength: 100, maxLength: 6_000 }),
  fc.base64String({ maxLength: 6_000 }),
)

const oddNumber = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -1, 1e308, 2 ** 53, -0.5, Number.MAX_SAFE_INTEGER),
)

const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  oddText,
  oddNumber,
  fc.boolean(),
  fc.constant(null),
  fc.array(oddText, { maxLength: 30 }),
  fc.array(fc.dictionary(fc.constantFrom('key', 'value', 'values', '__proto__'), oddText), { maxLength: 30 }),
  fc.dictionary(oddText, oddText, { maxKeys: 5 }),
  fc.object({ maxDepth: 6 }),
)

/** What fits a field; enough of it that a request is refused for the one field that does not. */
const fitting: Record<string, unknown> = {
  key_id: '0d0466b0-e727-4d9c-b35d-f84bb474a37f',
  target_key_id: '0d0466b0-e727-4d9c-b35d-f84bb474a37f',
  destination_key_id: '0d0466b0-e727-4d9c-b35d-f84bb474a37f',
  key_alias: 'attack',
  alias: 'alias/attack',
  aliases: ['alias/attack'],
  plain_text: '00'.repeat(64),
  datakey_plain_length: '32',
  datakey_cipher_length: '32',
  cipher_text: 'AAAA'.repeat(40),
  random_data_length: '512',
  message: 'AAAA',
  signature: 'AAAA',
  mac: 'AAAA',
  signing_algorithm: 'ECDSA_SHA_256',
  mac_algorithm: 'HMAC_SHA_256',
  pending_days: '7',
  key_description: 'x',
  grantee_principal: 'a',
  operations: ['encrypt-data'],
  grant_id: 'a'.repeat(64),
  tag: { key: 'a', value: 'b' },
  tags: [{ key: 'a', value: 'b' }],
  action: 'create',
  import_token: 'AAAA'.repeat(60),
  encrypted_key_material: 'AAAA'.repeat(86),
  wrapping_algorithm: 'RSAES_OAEP_SHA_256',
  rotation_interval: 30,
  replica_region: 'region-2',
  primary_region: 'region-2',
  replica_project_id: '0'.repeat(32),
}

const supported = operations.filter(({ group }) => group !== 'Not supported')

const withFields = supported.flatMap((operation) => {
  const place = operation.body ? 'body' : operation.query ? 'query' : null
  const schema = operation.body ?? operation.query
  return place && schema ? [{ operation, place, schema } as const] : []
})

type Made = { id: string; method: string; body: string | undefined; url: string }

const pathOf = (operation: Operation, key = 'a'): string =>
  operation.path
    .replace('{project_id}', endpoint.world.projectId)
    .replace('{key}', key)
    .replaceAll(/\{\w+\}/g, String(fitting.key_id))

const baseOf = (schema: z.ZodObject): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries<z.ZodType>(schema.shape)
      .filter(([name, field]) => name in fitting && field.safeParse(fitting[name]).success)
      .map(([name]) => [name, fitting[name]]),
  )

/** A call with one field that does not fit its schema, or that is missing. */
const malformed: fc.Arbitrary<Made> = fc.constantFrom(...withFields).chain(({ operation, place, schema }) =>
  fc.constantFrom(...Object.entries<z.ZodType>(schema.shape)).chain(([name, field]) => {
    const values = place === 'query' ? oddText.map((text) => text.toWellFormed()) : oddValue
    const wrong = values.filter(
      (value) => !field.safeParse(JSON.parse(JSON.stringify(value ?? null))).success,
    )
    return wrong.map((value) => made(operation, place, { ...baseOf(schema), [name]: value }))
  }),
)

/** A call whose fields are as odd as their schemas allow. */
const odd: fc.Arbitrary<Made> = fc.constantFrom(...withFields).chain(({ operation, place, schema }) =>
  fc.constantFrom(...Object.entries<z.ZodType>(schema.shape)).chain(([name, field]) => {
    const values = place === 'query' ? oddText.map((text) => text.toWellFormed()) : oddValue
    return values.map((value) => {
      const fits = field.safeParse(JSON.parse(JSON.stringify(value ?? null))).success
      return made(operation, place, { ...baseOf(schema), ...(fits ? { [name]: value } : {}) })
    })
  }),
)

function made(operation: Operation, place: 'body' | 'query', fields: Record<string, unknown>): Made {
  const { id, method } = operation
  const url = pathOf(operation)
  if (place === 'body') return { id, method, url, body: JSON.stringify(fields) }
  const query = new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)]))
  return { id, method, url: `${url}?${query}`, body: undefined }
}

/** Bodies that are no JSON objects in UTF-8, or are sent as something else. */
const brokenBody = fc.record({
  target: fc.constantFrom(...supported.filter(({ body }) => body)).map((operation) => ({
    method: operation.method,
    url: pathOf(operation),
  })),
  body: fc.oneof(
    fc
      .json({ maxDepth: 3 })
      .map((text) => text.slice(0, -1))
      // No body at all is read as {}, which some calls accept.
      .filter((text) => text !== ''),
    fc.constantFrom(
      '[]',
      'null',
      '"x"',
      '1',
      'true',
      '{',
      '{"a":1,}',
      "{'a':1}",
      '{"a":NaN}',
      '{}{}',
      '\0',
      '﻿﻿{}',
    ),
    fc
      .integer({ min: 17, max: 20_000 })
      .map((depth) => `{"key_id":${'['.repeat(depth)}${']'.repeat(depth)}}`),
    fc.integer({ min: 17, max: 5_000 }).map((depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 500 }),
  ),
  type: fc.constantFrom(
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    ';;',
    '',
  ),
})

async function inBatches<T>(
  count: number,
  arbitrary: fc.Arbitrary<T>,
  send: (made: T) => Promise<void>,
): Promise<void> {
  const batch = 25
  await fc.assert(
    fc.asyncProperty(fc.array(arbitrary, { minLength: batch, maxLength: batch }), (all) =>
      Promise.all(all.map(send)).then(() => undefined),
    ),
    { numRuns: count / batch, endOnFailure: true },
  )
}

const signed = (request: { method: string; url: string; body?: string; headers?: Record<string, string> }) =>
  sendSigned(endpoint.url, endpoint.credentials, request)

const patience = { timeout: 600_000 }

test('5,000 calls with a field that does not fit are refused as such', patience, async () => {
  await inBatches(5_000, malformed, async ({ id, method, url, body }) => {
    const answer = await signed({ method, url, ...(body === undefined ? {} : { body }) })
    checkAnswer(answer, { id, url, body })
    expect(answer.status, `${id} ${url} ${body} ${answer.body}`).toBe(400)
  })
})

test('2,000 calls with odd fields that fit are answered', patience, async () => {
  await inBatches(2_000, odd, async ({ id, method, url, body }) => {
    const answer = await signed({ method, url, ...(body === undefined ? {} : { body }) })
    checkAnswer(answer, { id, url, body })
  })
})

test('1,500 bodies that are no JSON objects are refused', patience, async () => {
  await inBatches(1_500, brokenBody, async ({ target, body, type }) => {
    const answer = await signed({ ...target, body, headers: { 'content-type': type } })
    checkAnswer(answer, { ...target, type, body })
    expect(answer.status, `${target.url} ${type} ${body} ${answer.body}`).toBe(400)
  })
})

test('a tag key of any text in a path is understood or refused', patience, async () => {
  const operation = operations.find(({ id }) => id === 'DeleteTag')
  if (!operation) throw new Error('DeleteTag is gone')
  await inBatches(500, oddText, async (text) => {
    const url = pathOf(operation, encodeURIComponent(text.toWellFormed()).slice(0, 4_000).replace(/%.?$/, ''))
    checkAnswer(await signed({ method: 'DELETE', url }), url)
  })
})

test('a body of bad UTF-8 is refused', async () => {
  const url = `/v1.0/${endpoint.world.projectId}/kms/encrypt-data`
  const bytes = Buffer.concat([Buffer.from('{"key_id":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])
  const hash = createHash('sha256').update(bytes).digest('hex')
  const headers = signedHeaders(endpoint.url, endpoint.credentials, {
    method: 'POST',
    url,
    headers: { 'x-sdk-content-sha256': hash },
  })
  const { host: _, ...rest } = headers
  const answer = await fetch(endpoint.url + url, { method: 'POST', headers: rest, body: bytes })
  expect(`${answer.status} ${codeIn(await answer.text())}`).toBe('400 KMS.0202')
})

// ── What is hardly HTTP ────────────────────────────────────────────────────────────────────────────────────────────

const head = (line: string, ...headers: string[]) => [line, ...headers, '', ''].join('\r\n')
const host = 'Host: 127.0.0.1'
const json = 'Content-Type: application/json'

const messages = (): string[] => {
  const path = `/v1.0/${endpoint.world.projectId}/kms/list-keys`
  const post = `POST ${path} HTTP/1.1`
  return [
    `${head(post, host, json, 'Transfer-Encoding: chunked')}zz\r\n{}\r\n0\r\n\r\n`,
    `${head(post, host, json, 'Transfer-Encoding: chunked')}5\r\n{}\r\n0\r\n\r\n`,
    `${head(post, host, json, 'Transfer-Encoding: chunked')}ffffffffffffffff\r\n{}\r\n0\r\n\r\n`,
    `${head(post, host, json, 'Transfer-Encoding: chunked', 'Content-Length: 2')}2\r\n{}\r\n0\r\n\r\n`,
    `${head(post, host, json, 'Transfer-Encoding: gzip, chunked')}2\r\n{}\r\n0\r\n\r\n`,
    `${head(post, host, json, 'Transfer-Encoding: identity')}{}`,
    `${head(post, host, json, 'Content-Length: 2', 'Content-Length: 3')}{}x`,
    `${head(post, host, json, 'Content-Length: -1')}{}`,
    `${head(post, host, json, 'Content-Length: 99999999999999999999')}{}`,
    `${head(post, host, json, `Content-Length: ${bodyBytesMax + 1}`)}{}`,
    `${head(post, host, json, 'Transfer-Encoding: chunked')}${'ffff\r\n'}${'x'.repeat(0xffff)}\r\n2\r\nxx\r\n0\r\n\r\n`,
    head(post, host, host, json, 'Content-Length: 0'),
    head(post, json, 'Content-Length: 0'),
    head(post, host, 'no colon here'),
    head(post, host, 'X-A: b', ' folded'),
    head(post, host, `X-Long: ${'x'.repeat(20_000)}`),
    head(post, host, ...Array.from({ length: 3_000 }, (_, i) => `X-${i}: 1`)),
    head(post, host, 'Expect: the-impossible', 'Content-Length: 0'),
    head(post, host, 'Upgrade: websocket', 'Connection: Upgrade', 'Content-Length: 0'),
    head(
      post,
      host,
      'X-Sdk-Date: 1',
      'X-Sdk-Date: 2',
      'Authorization: SDK-HMAC-SHA256 x',
      'Content-Length: 0',
    ),
    head(post, host, 'Authorization: a', 'Authorization: b', 'Content-Length: 0'),
    head(post, host, 'X-Auth-Token: a', 'X-Auth-Token: b', 'Content-Length: 0'),
    head(post, host, `X-Auth-Token: ${'ÿ'.repeat(3_000)}`, 'Content-Length: 0'),
    head(`GET ${path}/%zz HTTP/1.1`, host),
    head('GET /%c0%ae%c0%ae/ HTTP/1.1', host),
    head(`GET ${path.replaceAll('/', '%2F')} HTTP/1.1`, host),
    head(`POST ${path}%00 HTTP/1.1`, host, 'Content-Length: 0'),
    head(`POST /..%2f..%2f${path} HTTP/1.1`, host, 'Content-Length: 0'),
    head(`POST //${path}// HTTP/1.1`, host, 'Content-Length: 0'),
    head(`POST http://elsewhere${path} HTTP/1.1`, host, 'Content-Length: 0'),
    head(`DELETE /v1.0/x/kms/${'x'.repeat(1_025)}/tags/a HTTP/1.1`, host),
    head(`GET /${'x'.repeat(15_000)} HTTP/1.1`, host),
    head(`GET /?${'a=b&'.repeat(3_000)} HTTP/1.1`, host),
    head('OPTIONS * HTTP/1.1', host),
    head('TRACE / HTTP/1.1', host),
    head('PROPFIND / HTTP/1.1', host),
    head('CONNECT elsewhere:443 HTTP/1.1', host),
    head('BREW / HTTP/1.1', host),
    head('GET / HTTP/9.9', host),
    head('GET /', host),
    'GET / HTTP/1.1\nHost: x\n\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    '\r\n\r\n\r\n',
    '\0'.repeat(100),
    head(`GET /healthz HTTP/1.1`, host).repeat(5) + head('NO', 'THING'),
  ]
}

/** The message, cut short or with one byte changed. */
const spoiled = fc.record({
  which: fc.nat(),
  cut: fc.double({ min: 0, max: 1, noNaN: true }),
  byte: fc.option(fc.integer({ min: 0, max: 255 })),
})

async function exchange(message: string): Promise<void> {
  using client = new RawClient(endpoint.port)
  client.send(message)
  client.finish()
  const { text, ended } = await client.answer(10_000)
  const about = message.slice(0, 500)
  expect(ended, `left hanging: ${about}`).toBe(true)
  for (const answer of answersIn(text)) checkAnswer(answer, about)
}

test('what is hardly HTTP is refused in the form of the API, or cut', patience, async () => {
  for (const message of messages()) await exchange(message)
})

test('1,000 messages that are cut short or spoiled leave nothing hanging', patience, async () => {
  const all = messages()
  await inBatches(1_000, spoiled, async ({ which, cut, byte }) => {
    const message = all[which % all.length] ?? ''
    const at = Math.floor(cut * message.length)
    const changed =
      byte === null
        ? message.slice(0, at)
        : message.slice(0, at) + String.fromCharCode(byte) + message.slice(at + 1)
    await exchange(changed)
  })
})

test('the endpoint still works', async () => {
  const answer = await signed({
    method: 'POST',
    url: `/v1.0/${endpoint.world.projectId}/kms/list-keys`,
    body: '{}',
  })
  expect(answer.status).toBe(200)
})
