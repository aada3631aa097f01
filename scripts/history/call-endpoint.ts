import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { signedHeaders } from '#lib/api/testing/signed-request.ts'

/** With what a program calls. */
export type Credential = { id: string; secret: string } | { token: string }

/** What came back; the body as JSON. */
export type Received = { status: number; body: Record<string, unknown>; headers: IncomingHttpHeaders }

/** A stopped process answers when it goes on; none is stopped for so long. */
const patienceMilliseconds = 30_000

/** Keeps the connections to one process open between calls. */
export const openAgent = (): Agent => new Agent({ keepAlive: true })

/**
 * Signs and sends one call.
 *
 * @param begun is called right before anything is sent
 * @throws when there is no answer: the process is down, or was killed meanwhile
 */
export function callEndpoint(
  { url, agent }: { url: string; agent: Agent },
  credential: Credential,
  { path, body, number }: { path: string; body: object; number: number },
  begun: () => void,
): Promise<Received> {
  const text = JSON.stringify(body)
  const headers =
    'token' in credential
      ? { 'content-type': 'application/json', 'x-auth-token': credential.token }
      : signedHeaders(url, credential, { method: 'POST', url: path, body: text })
  return new Promise((resolve, reject) => {
    begun()
    const call = request(
      `${url}${path}`,
      { method: 'POST', agent, headers: { ...headers, 'x-history-call': String(number) } },
      (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('error', reject)
        answer.on('end', () => {
          try {
            const read = parts.length === 0 ? {} : JSON.parse(Buffer.concat(parts).toString())
            resolve({ status: answer.statusCode ?? 0, body: read, headers: answer.headers })
          } catch (error) {
            reject(error)
          }
        })
      },
    )
    call.setTimeout(patienceMilliseconds, () => call.destroy(new Error('no answer in time')))
    call.on('error', reject)
    call.end(text)
  })
}

/** The code of an error in either of its forms. */
export function codeOf(body: Record<string, unknown>): string {
  const nested = body.error as { error_code?: string } | undefined
  return String(nested?.error_code ?? body.error_code ?? '')
}
