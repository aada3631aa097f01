import { createHash, createHmac } from 'node:crypto'
import { canonicalPaths, canonicalQuery, canonicalRequest } from '../signature/canonical-request.ts'
import type { Credentials } from './real-client.ts'

export type RequestToSign = {
  method: string
  /** Path and query as they will be sent. */
  url: string
  body?: string
  /** `host` and a content type of JSON go without saying. */
  headers?: Record<string, string>
  at?: Date
}

export type SignedHeaders = Record<string, string>

const sha256 = (data: string) => createHash('sha256').update(data).digest('hex')

/** `YYYYMMDDTHHMMSSZ` */
export const sdkDate = (at: Date) => at.toISOString().replace(/[-:]|\.\d+/g, '')

/** The headers of a request, its signature among them, for tests that must send the same bytes twice or wrong ones. */
export function signedHeaders(
  endpoint: string,
  { id, secret }: Pick<Credentials, 'id' | 'secret'>,
  { method, url, body = '', headers = {}, at = new Date() }: RequestToSign,
): SignedHeaders {
  const all = new Map(
    Object.entries({
      'content-type': 'application/json',
      ...headers,
      host: new URL(endpoint).host,
      'x-sdk-date': sdkDate(at),
    }).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const names = [...all.keys()].sort()
  const [path = '', query = ''] = url.split('?')
  const canonical = canonicalRequest({
    method,
    path: canonicalPaths(path)[0] ?? '',
    query: canonicalQuery(query),
    headers: all,
    signedHeaders: names,
    payloadHash: all.get('x-sdk-content-sha256') ?? sha256(body),
  })
  const text = ['SDK-HMAC-SHA256', all.get('x-sdk-date'), sha256(canonical)].join('\n')
  const signature = createHmac('sha256', secret).update(text).digest('hex')
  const authorization = `SDK-HMAC-SHA256 Access=${id}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return { ...Object.fromEntries(all), authorization }
}

export type Sent = { status: number; body: string; headers: Headers }

/** Sends a request as it is. */
export async function send(
  endpoint: string,
  { method, url, body }: Omit<RequestToSign, 'headers'>,
  headers: SignedHeaders,
): Promise<Sent> {
  // `host` is what fetch sends by itself.
  const { host: _, ...rest } = headers
  const init = { method, headers: rest, ...(body === undefined ? {} : { body }) }
  const answer = await fetch(`${endpoint}${url}`, init)
  return { status: answer.status, body: await answer.text(), headers: answer.headers }
}

/** Signs a request and sends it. */
export function sendSigned(
  endpoint: string,
  credentials: Pick<Credentials, 'id' | 'secret'>,
  request: RequestToSign,
): Promise<Sent> {
  return send(endpoint, request, signedHeaders(endpoint, credentials, request))
}
