import { Agent, request } from 'node:http'

/** One signed-in person's connections to the console. */
export type ConsoleClient = {
  url: string
  /** Asks for a page and reads its answer to the end. Answers how long that took, in milliseconds. */
  get: (path: string) => Promise<number>
  /** Posts what a page's script posted, as the page would. Answers the body. */
  post: (path: string, headers: Record<string, string>, body: string) => Promise<string>
}

/** @param cookie the `Cookie` header of the session */
export function consoleClient(url: string, cookie: string): ConsoleClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const send = (path: string, headers: Record<string, string>, body?: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const sent = request(
        new URL(path, url),
        { agent, method: body === undefined ? 'GET' : 'POST', headers: { cookie, ...headers } },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString('latin1'))
            else reject(new Error(`${path} was answered with ${response.statusCode}`))
          })
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  return {
    url,
    async get(path) {
      const begun = performance.now()
      await send(path, { accept: 'text/html', 'accept-encoding': 'gzip' })
      return performance.now() - begun
    },
    post: send,
  }
}
