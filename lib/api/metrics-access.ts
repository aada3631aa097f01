import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIPv6 } from 'node:net'

/** Whoever asks, as far as it decides what they may see. */
export type Asker = {
  /** Address of the other end of the connection. */
  address: string | undefined
  headers: IncomingHttpHeaders
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** A reverse proxy on the same machine connects from loopback too; one that says for whom is recognised by these. */
const forwardingHeaders = [
  'forwarded',
  'via',
  'x-real-ip',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]

/** A page in a browser on this machine whose name was rebound to loopback still sends its own name. */
const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i

/**
 * Who may see how the endpoint does (`/metrics`, and the warnings of `/readyz`): a program on the same machine that
 * reaches it directly, or whoever sends the token. Numbers tell what an installation is used for, and warnings how it
 * could be hurt, so neither is for everyone who can reach the API.
 *
 * @param token the value of KMS_METRICS_TOKEN; without one only programs on this machine may
 */
export function mayObserve({ address, headers }: Asker, token: string | undefined): boolean {
  if (token !== undefined && bearerIs(headers.authorization, token)) return true
  if (address === undefined || !isLoopback(address)) return false
  if (forwardingHeaders.some((name) => headers[name] !== undefined)) return false
  return loopbackHost.test(headers.host ?? '')
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Hashes of equal length are compared, so the time tells neither the length of the token nor how much was right. */
function bearerIs(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
  return given !== undefined && timingSafeEqual(sha256(given), sha256(token))
}

function isLoopback(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return loopback.check(mapped, 'ipv4')
  return loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
