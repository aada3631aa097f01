import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Answers `GET /healthz` of the console: 200 while the process runs. It comes before anything else, since whoever checks
 * has no session and often knows no more than an address; it tells nothing that a connection alone does not.
 * @returns whether it was asked.
 */
export function answerHealth(request: IncomingMessage, response: ServerResponse): boolean {
  const { method, url } = request
  if ((method !== 'GET' && method !== 'HEAD') || url?.split('?', 1)[0] !== '/healthz') return false
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
  response.end(method === 'HEAD' ? undefined : '{"status":"ok"}')
  return true
}
