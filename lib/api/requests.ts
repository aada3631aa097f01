import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ReceivedRequest } from './answer-operation.ts'
import type { Answer } from './error-body.ts'

/** A request as the router gives it, in the words of this folder. The body is what came, unparsed. */
export function receivedRequest(request: FastifyRequest): ReceivedRequest {
  const { '*': rest, ...params } = request.params as Record<string, string>
  const query = Object.entries(request.query as Record<string, string | string[]>).map(
    ([name, value]): [string, string] => [name, typeof value === 'string' ? value : (value[0] ?? '')],
  )
  return {
    method: request.method,
    url: request.raw.url ?? '',
    rawHeaders: request.raw.rawHeaders,
    body: Buffer.isBuffer(request.body) ? request.body : new Uint8Array(),
    contentType: request.headers['content-type'],
    params: rest === undefined ? params : { ...params, key: rest },
    query: Object.fromEntries(query),
    requestId: request.id,
    sourceAddress: addressOf(request.socket),
  }
}

/** What a request is known by before anything is made of it. */
export function originOf(request: FastifyRequest): Pick<ReceivedRequest, 'requestId' | 'sourceAddress'> {
  return { requestId: request.id, sourceAddress: addressOf(request.socket) }
}

/** Sends an answer as it stands. */
export function giveAnswer(reply: FastifyReply, { status, body, headers }: Answer): FastifyReply {
  reply.code(status).headers(headers ?? {})
  return status === 204 ? reply.send() : reply.type('application/json; charset=utf-8').send(body)
}

/** The other end of a connection: IPv4 in its own notation also when it came through a socket of both kinds. */
export function addressOf(socket: Socket): string | null {
  return socket.remoteAddress?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '') ?? null
}
