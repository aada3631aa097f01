import { createHmac, hash, type KeyObject, timingSafeEqual } from 'node:crypto'
import { KmsError } from '#lib/kms/model/errors.ts'
import type { SignatureClaim } from './authorization.ts'
import { canonicalPaths, canonicalQuery, canonicalRequest } from './canonical-request.ts'

/** A request as it came over the wire. */
export type SignedRequest = {
  method: string
  /** Path and query, undecoded. */
  url: string
  /** Names and values alternating, as Node's `rawHeaders`. */
  rawHeaders: readonly string[]
  body: Uint8Array
}

/** Clocks of caller and server may differ by this much (Huawei Cloud, AK/SK signature). */
export const skewMilliseconds = 15 * 60_000

const sha256 = (data: string | Uint8Array): string => hash('sha256', data, 'hex')

const refused = (): KmsError => new KmsError('signatureInvalid')

/**
 * Checks the signature of a request: what it covers, its age, and the MAC itself, in constant time.
 *
 * `host` and `x-sdk-date` must be signed, and each signed header must have been sent exactly once. The hash of the body
 * is always computed; a sent `X-Sdk-Content-Sha256` must be signed and equal to it, so `UNSIGNED-PAYLOAD` is refused.
 *
 * @param secret of the access key that the claim names
 * @param now the clock against which the date of the request is held
 * @throws {KmsError} signatureExpired, signatureInvalid
 */
export function verifySignature(
  request: SignedRequest,
  claim: SignatureClaim,
  secret: KeyObject,
  now: Date,
): void {
  const payloadHash = sha256(request.body)
  const headers = signedHeaders(request, claim, payloadHash)
  const date = headers.get('x-sdk-date') ?? ''
  const [path = '', query = ''] = splitOnce(request.url, '?')
  const common = {
    method: request.method,
    query: canonicalQuery(query),
    headers,
    signedHeaders: claim.signedHeaders,
    payloadHash,
  }
  const matches = canonicalPaths(path).map((form) => {
    const stringToSign = `SDK-HMAC-SHA256\n${date}\n${sha256(canonicalRequest({ ...common, path: form }))}`
    return timingSafeEqual(createHmac('sha256', secret).update(stringToSign).digest(), claim.signature)
  })
  if (!matches.includes(true)) throw refused()
  const signedAt = dateOf(date)
  if (signedAt === null) throw refused()
  if (Math.abs(now.getTime() - signedAt) > skewMilliseconds) throw new KmsError('signatureExpired')
}

/** The signed headers by name. What could be read in two ways is refused. */
function signedHeaders(
  request: SignedRequest,
  claim: SignatureClaim,
  payloadHash: string,
): Map<string, string> {
  const names = new Set(claim.signedHeaders)
  if (names.size !== claim.signedHeaders.length) throw refused()
  if (!names.has('host') || !names.has('x-sdk-date')) throw refused()
  const sent = new Map<string, string>()
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at]?.toLowerCase() ?? ''
    const value = request.rawHeaders[at + 1] ?? ''
    if (name === 'x-sdk-content-sha256' && (!names.has(name) || value !== payloadHash)) throw refused()
    if (!names.has(name)) continue
    if (sent.has(name)) throw refused()
    sent.set(name, value)
  }
  if (sent.size !== names.size) throw refused()
  return sent
}

/** Milliseconds of `YYYYMMDDTHHMMSSZ`, or null. */
function dateOf(text: string): number | null {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (!parts) return null
  const [, year, month, day, hour, minute, second] = parts
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(at) ? null : at
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
