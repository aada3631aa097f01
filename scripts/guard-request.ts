import type { IncomingMessage, ServerResponse } from 'node:http'

/** The header in which the console tells its pages who called: the address of the connection, never what was sent. */
export const SOURCE_ADDRESS = 'x-keystead-source-address'

/**
 * Lets a request pass to the pages only if it asks for the console's own host (a rebound DNS name does not), and takes
 * out the headers by which a caller could pretend another host or address.
 * @returns false when it has answered 400.
 */
export function guardRequest(request: IncomingMessage, response: ServerResponse, publicUrl: string): boolean {
  const host = request.headers.host?.toLowerCase()
  const own = new URL(publicUrl)
  if (host === undefined || URL.parse(`${own.protocol}//${host}`)?.origin !== own.origin) {
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
  request.headers[SOURCE_ADDRESS] = request.socket.remoteAddress ?? ''
  return true
}
