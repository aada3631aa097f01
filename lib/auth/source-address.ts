import { isIPv4 } from 'node:net'

/**
 * Header in which the console's HTTP server tells who called: the address of the connection. It overwrites whatever was
 * sent, so it can be believed, unlike X-Forwarded-For.
 */
export const sourceAddressHeader = 'x-keystead-source-address'

/** The address a request came from, IPv4 in its own notation also when it came through a socket of both kinds. */
export function sourceAddress(headers: Headers): string | null {
  const address = headers.get(sourceAddressHeader) ?? ''
  const mapped = address.toLowerCase().startsWith('::ffff:') ? address.slice('::ffff:'.length) : ''
  return (isIPv4(mapped) ? mapped : address) || null
}
