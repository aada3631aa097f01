import { percentDecode, percentEncode } from './percent.ts'

/**
 * The canonical forms of a path: each segment percent-encoded, and a `/` appended (Huawei Cloud, AK/SK signature).
 *
 * There is more than one, since clients disagree about segments that need escaping, such as a tag key with a space. Go and
 * Python encode the text once. The Node SDK takes the segment as its URL parser left it: what that has escaped is encoded
 * a second time (`%2520`), what it leaves alone (non-ASCII) once; a segment the caller has escaped is encoded twice.
 * Without escapes all of them are one. With them two paths can share a form (the tag keys `a b` and `a%20b`): whoever
 * could change a request on its way might turn one into the other, which is the price of serving those clients.
 *
 * @param rawPath as it came over the wire, undecoded
 */
export function canonicalPaths(rawPath: string): string[] {
  if (/^[A-Za-z0-9\-._~/]*$/.test(rawPath)) return [withEnd(rawPath)]
  const encodeSegments = (decode: (bytes: Uint8Array) => Uint8Array): string => {
    const segments = rawPath.split('/')
    return withEnd(segments.map((segment) => percentEncode(decode(Buffer.from(segment, 'latin1')))).join('/'))
  }
  const forms = [
    encodeSegments((bytes) => percentDecode(bytes)),
    encodeSegments((bytes) => percentDecode(bytes, 'non-ascii')),
    encodeSegments((bytes) => bytes),
  ]
  return [...new Set(forms)]
}

const withEnd = (path: string): string => (path.endsWith('/') ? path : `${path}/`)

/** Keys sorted, the values of a key sorted, `enc(key)=enc(value)` joined by `&`; empty without a query. */
export function canonicalQuery(rawQuery: string): string {
  if (rawQuery === '') return ''
  const decode = (text: string): string =>
    Buffer.from(percentDecode(Buffer.from(text.replaceAll('+', ' '), 'latin1'))).toString('latin1')
  const encode = (text: string): string => percentEncode(Buffer.from(text, 'latin1'))
  return rawQuery
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [key = '', ...value] = pair.split('=')
      return { key: decode(key), value: decode(value.join('=')) }
    })
    .sort((a, b) => compare(a.key, b.key) || compare(a.value, b.value))
    .map(({ key, value }) => `${encode(key)}=${encode(value)}`)
    .join('&')
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The text whose hash is signed; `headers` are the signed ones by lower-case name. */
export function canonicalRequest(request: {
  method: string
  path: string
  query: string
  headers: ReadonlyMap<string, string>
  signedHeaders: readonly string[]
  /** SHA-256 of the body in hexadecimal, as sent or as computed: they are equal. */
  payloadHash: string
}): string {
  const lines = [...request.signedHeaders]
    .sort(compare)
    .map((name) => `${name}:${request.headers.get(name)?.trim() ?? ''}\n`)
  return [
    request.method,
    request.path,
    request.query,
    lines.join(''),
    request.signedHeaders.join(';'),
    request.payloadHash,
  ].join('\n')
}
