import { createHash, createHmac, createSecretKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { readAuthorization } from './authorization.ts'
import { canonicalPaths, canonicalQuery, canonicalRequest } from './canonical-request.ts'
import { type SignedRequest, verifySignature } from './verify-signature.ts'

// The vectors were computed with @huaweicloud/huaweicloud-sdk-core 3.1.211 and independently; both agree.
const accessKeyId = 'AKTEST0000000000EXAM'
const secret = createSecretKey(Buffer.from('sktest-secret-key-0000000000000000000000'))
const project = '0dea2644dc80d5d22ff1c01e3ebea6fc'
const date = '20260102T030405Z'
const at = new Date('2026-01-02T03:04:05Z')
const names = 'content-type;host;x-project-id;x-sdk-date'

const sha256 = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex')

const vectors = {
  'POST with a body': {
    request: request('POST', `/v1.0/${project}/kms/create-key`, '{"key_alias":"test"}'),
    bodyHash: '26fadee78bb9d038922da34a8acf32ad928cce84f7821abc136a6688bdd1bfc6',
    canonicalHash: 'f7071d77c7a86da2c688fcdb0c6516d25bfce93e8935df9fd83627b91a2fe595',
    signature: '5c2c2e43b18789e5ea7221f4c6c943dd3b0d44069cb710b770a84c108e628218',
  },
  'GET with a query': {
    request: request(
      'GET',
      `/v1.0/${project}/kms/aliases?key_id=0d0466b0-e727-4d9c-b35d-f84bb474a37f&limit=50`,
      '',
    ),
    bodyHash: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    canonicalHash: '2696a37fef26362be14b95bb5bb7f688f653771a01595a5487a179c0a006241e',
    signature: '04d9017a70db6f507dca3eb99b5353c5dfbaab65d242f3411dd10884ee5debbc',
  },
}

function request(
  method: string,
  url: string,
  body: string,
  headers: Record<string, string> = {},
): SignedRequest {
  const all = {
    host: '127.0.0.1:8080',
    'content-type': 'application/json',
    'X-Project-Id': project,
    'X-Sdk-Date': date,
    ...headers,
  }
  return { method, url, rawHeaders: Object.entries(all).flat(), body: Buffer.from(body) }
}

const claimOf = (signature: string, signed = names) => {
  const claim = readAuthorization(
    `SDK-HMAC-SHA256 Access=${accessKeyId}, SignedHeaders=${signed}, Signature=${signature}`,
  )
  if (!claim) throw new Error('not a header')
  return claim
}

/** Signs as Go does, over any headers and path form. */
function signed(sent: SignedRequest, signedNames: string, pathForm = 0): string {
  const [path = '', query = ''] = sent.url.split('?')
  const headers = new Map<string, string>()
  for (let i = 0; i < sent.rawHeaders.length; i += 2)
    headers.set(String(sent.rawHeaders[i]).toLowerCase(), String(sent.rawHeaders[i + 1]))
  const text = canonicalRequest({
    method: sent.method,
    path: canonicalPaths(path)[pathForm] ?? '',
    query: canonicalQuery(query),
    headers,
    signedHeaders: signedNames.split(';'),
    payloadHash: headers.get('x-sdk-content-sha256') ?? sha256(sent.body),
  })
  const toSign = ['SDK-HMAC-SHA256', headers.get('x-sdk-date'), sha256(text)].join('\n')
  return createHmac('sha256', secret).update(toSign).digest('hex')
}

const verify = (sent: SignedRequest, signature: string, signedNames = names, now = at) =>
  verifySignature(sent, claimOf(signature, signedNames), secret, now)

const invalid = expect.objectContaining({ code: 'signatureInvalid' })

for (const [name, { request: sent, bodyHash, canonicalHash, signature }] of Object.entries(vectors)) {
  test(`the published vector of a ${name}`, () => {
    expect(sha256(sent.body)).toBe(bodyHash)
    const [path = '', query = ''] = sent.url.split('?')
    const headers = new Map([
      ['content-type', 'application/json'],
      ['host', '127.0.0.1:8080'],
      ['x-project-id', project],
      ['x-sdk-date', date],
    ])
    const text = canonicalRequest({
      method: sent.method,
      path: canonicalPaths(path)[0] ?? '',
      query: canonicalQuery(query),
      headers,
      signedHeaders: names.split(';'),
      payloadHash: bodyHash,
    })
    expect(sha256(text)).toBe(canonicalHash)
    expect(() => verify(sent, signature)).not.toThrow()
  })
}

test('whatever is changed after signing is noticed', () => {
  const { request: sent, signature } = vectors['POST with a body']
  const changes: SignedRequest[] = [
    { ...sent, method: 'PUT' },
    { ...sent, url: `/v1.0/${project}/kms/enable-key` },
    { ...sent, url: `${sent.url}?limit=1` },
    { ...sent, body: Buffer.from('{"key_alias":"tesu"}') },
    request('POST', sent.url, '{"key_alias":"test"}', { host: '127.0.0.1:8081' }),
    request('POST', sent.url, '{"key_alias":"test"}', { 'X-Project-Id': project.replace('0', '1') }),
    request('POST', sent.url, '{"key_alias":"test"}', { 'X-Sdk-Date': '20260102T030406Z' }),
  ]
  for (const changed of changes) expect(() => verify(changed, signature)).toThrow(invalid)
  expect(() => verify(sent, signature.replace('5', '6'))).toThrow(invalid)
  expect(() =>
    verifySignature(sent, claimOf(signature), createSecretKey(Buffer.from('another secret')), at),
  ).toThrow(invalid)
})

test('a date more than 15 minutes away on either side is refused', () => {
  const { request: sent, signature } = vectors['POST with a body']
  const minutes = (count: number) => new Date(at.getTime() + count * 60_000)
  for (const count of [-15, 0, 15]) expect(() => verify(sent, signature, names, minutes(count))).not.toThrow()
  for (const count of [-15.1, 15.1])
    expect(() => verify(sent, signature, names, minutes(count))).toThrow(
      expect.objectContaining({ code: 'signatureExpired' }),
    )
})

test('a date that is none is refused, however well signed', () => {
  for (const bad of ['', '2026', '20261302T030405Z', '20260102T030405', 'NaN']) {
    const sent = request('POST', '/v1.0/x', '{}', { 'X-Sdk-Date': bad })
    expect(() => verify(sent, signed(sent, names)), bad).toThrow(invalid)
  }
})

test('host and x-sdk-date must be signed, every signed header must have been sent once', () => {
  const sent = request('POST', '/v1.0/x', '{}')
  for (const left of ['content-type;x-sdk-date', 'content-type;host', 'content-type'])
    expect(() => verify(sent, signed(sent, left), left), left).toThrow(invalid)
  const missing = 'host;x-not-sent;x-sdk-date'
  expect(() => verify(sent, signed(sent, missing), missing)).toThrow(invalid)
  const twice = 'host;host;x-sdk-date'
  expect(() => verify(sent, signed(sent, twice), twice)).toThrow(invalid)
  const doubled = { ...sent, rawHeaders: [...sent.rawHeaders, 'X-SDK-Date', date] }
  expect(() => verify(doubled, signed(sent, names))).toThrow(invalid)
  const unsigned = { ...sent, rawHeaders: [...sent.rawHeaders, 'X-Other', '1', 'X-Other', '2'] }
  expect(() => verify(unsigned, signed(sent, names))).not.toThrow()
})

test('a sent hash of the body must be signed and be the hash of the body', () => {
  const withHash = `${names.replace('x-sdk-date', '')}x-sdk-content-sha256;x-sdk-date`
  const right = request('POST', '/v1.0/x', '{}', { 'X-Sdk-Content-Sha256': sha256('{}') })
  expect(() => verify(right, signed(right, withHash), withHash)).not.toThrow()
  expect(() => verify(right, signed(right, names))).toThrow(invalid)
  for (const value of ['UNSIGNED-PAYLOAD', sha256('{ }'), '']) {
    const wrong = request('POST', '/v1.0/x', '{}', { 'X-Sdk-Content-Sha256': value })
    expect(() => verify(wrong, signed(wrong, withHash), withHash), value).toThrow(invalid)
  }
})

test('a path with escapes may be signed in the forms that the clients use', () => {
  expect(canonicalPaths('/a/b')).toEqual(['/a/b/'])
  expect(canonicalPaths('/a%20b')).toEqual(['/a%20b/', '/a%2520b/'])
  expect(canonicalPaths('/%E4%BD%A0')).toEqual(['/%E4%BD%A0/', '/%25E4%25BD%25A0/'])
  expect(canonicalPaths('/%E4%BD%A0%20b/')).toEqual([
    '/%E4%BD%A0%20b/',
    '/%E4%BD%A0%2520b/',
    '/%25E4%25BD%25A0%2520b/',
  ])
  expect(canonicalPaths('/a%2Fb/100%/%zz')[0]).toBe('/a%2Fb/100%25/%25zz/')
  const sent = request('DELETE', `/v1.0/${project}/kms/id/tags/%E4%BD%A0%20b`, '')
  for (const form of [0, 1, 2]) expect(() => verify(sent, signed(sent, names, form))).not.toThrow()
})

test('the query is sorted by key, then value, and encoded once', () => {
  expect(canonicalQuery('')).toBe('')
  expect(canonicalQuery('b=2&a=z&a=1+2&c&&d=a%3Db=c')).toBe('a=1%202&a=z&b=2&c=&d=a%3Db%3Dc')
  expect(canonicalQuery('k=%E4%BD%A0%2a!')).toBe('k=%E4%BD%A0%2A%21')
  expect(canonicalQuery('%zz=%')).toBe('%25zz=%25')
})

test('other forms of the header are no signature', () => {
  const good = `SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=${'0'.repeat(64)}`
  expect(readAuthorization(good)).toMatchObject({ accessKeyId: 'AK', signedHeaders: ['host', 'x-sdk-date'] })
  const bad = [
    '',
    'Bearer x',
    good.replace('SDK-HMAC-SHA256', 'V11-HMAC-SHA256'),
    good.replace('Access=AK', 'Access='),
    good.replace('0000', 'zzzz'),
    `${good}0`,
    `${good}, Signature=${'0'.repeat(64)}`,
    good.replace(', SignedHeaders=host;x-sdk-date', ''),
  ]
  for (const header of bad) expect(readAuthorization(header), header).toBeNull()
})
