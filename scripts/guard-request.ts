import type { IncomingMessage, ServerResponse } from 'node:http'
import { sourceAddressHeader } from '#lib/auth/source-address.ts'

/**
 * Lets a request pass to the pages only if it asks for the console's own host (a rebound DNS name does not), and takes
 * out the headers by which a caller could pretend another host or address.
 * @returns false when it has answered 400.
 */
export function guardRequest(request: IncomingMessage, response: ServerResponse, publicUrl: string): boolean {
  const { host: own, protocol } = new URL(publicUrl)
  const withDefaultPort = `${own}:${protocol === 'https:' ? 443 : 80}`
  const host = request.headers.host?.toLowerCase()
  if (host !== own && host !== withDefaultPort) {
    response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
    response.end(`This console answers at ${publicUrl} only. To use another address, set KMS_PUBLIC_URL.\n`)
    return false
  }
  for (const name of [
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-forwarded-port',
    'x-forwarded-for',
    'forwarded',
  ]) {
    delete request.headers[name]
  }
  request.headers[sourceAddressHeader] = request.socket.remoteAddress ?? ''
  return true
}
