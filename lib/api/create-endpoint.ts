import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type FastifyInstance, fastify } from 'fastify'
import { newRequestId } from '#lib/auth/request-id.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { answerOperation, type Services } from './answer-operation.ts'
import { errorAnswer, unexpectedAnswer } from './error-body.ts'
import { addIam } from './iam.ts'
import type { Operation } from './operation.ts'
import { operations } from './operations/index.ts'
import { addReference } from './reference.ts'
import { giveAnswer, receivedRequest } from './requests.ts'
import { addVersions } from './versions.ts'

/** How long a client may take, in milliseconds. */
export type ClientTimeouts = {
  /** To send the headers of a request. */
  headers: number
  /** To send a whole request. */
  request: number
  /** To do nothing on an open connection, between requests and in the middle of an answer. */
  idle: number
  /** How often the first two are looked at. */
  checkEvery: number
}

export type EndpointOptions = Services & {
  /** Whether a request could be served now: the database answers. */
  isReady: () => Promise<boolean>
  /** Where programs reach this endpoint, such as `https://kms.example.com`; told in the catalog. */
  endpointUrl: string
  /** Whether to log to standard output; tests do not. */
  log: boolean
  /** Tests only: shorter than a person would wait. */
  timeouts?: ClientTimeouts
}

/** The largest body of a request, in bytes; the largest that any call needs is about half of it. */
export const bodyBytesMax = 65_536

const defaultTimeouts: ClientTimeouts = { headers: 10_000, request: 20_000, idle: 60_000, checkEvery: 1_000 }

/**
 * The REST endpoint for services and SDKs. Closing it takes no new connections and lets requests under way finish.
 *
 * `GET /healthz` answers 200 while the process runs; `GET /readyz` 200 while the database answers, else 503. Neither
 * needs a signature. Every error has the form of `errorAnswer` (Huawei KMS, status and error codes), also for what is
 * not HTTP or not a route; every answer carries `X-Request-Id`.
 */
export function createEndpoint(options: EndpointOptions): FastifyInstance {
  const { isReady, log, timeouts = defaultTimeouts } = options
  const endpoint = fastify({
    logger: log && { level: 'warn' },
    genReqId: newRequestId,
    bodyLimit: bodyBytesMax,
    requestTimeout: timeouts.request,
    connectionTimeout: timeouts.idle,
    keepAliveTimeout: timeouts.idle,
    http: {
      headersTimeout: timeouts.headers,
      connectionsCheckingInterval: timeouts.checkEvery,
      // Node's own refusal has no body; without a host no signature holds anyway.
      requireHostHeader: false,
    },
    exposeHeadRoutes: false,
    routerOptions: {
      // A tag key of 36 CJK characters is 324 characters once encoded in a path.
      maxParamLength: 1024,
      ignoreTrailingSlash: true,
    },
    // Idle keep-alive connections do not hold up a stop; requests on others are answered as ever.
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    clientErrorHandler: refuseUnreadable,
    frameworkErrors: (_error, request, reply) => {
      // No hook has run: the address could not be read.
      reply.header('x-request-id', request.id)
      void giveAnswer(reply, errorAnswer(new KmsError('pathNotFound'), request.id))
    },
  })

  // Node answers an expectation it does not know with 417 and no body.
  endpoint.server.on('checkExpectation', ({ socket }: IncomingMessage) =>
    refuseUnreadable(new Error('Expect'), socket),
  )

  // The body is kept as it came: its hash is part of the signature, and it is parsed only once that holds.
  endpoint.removeAllContentTypeParsers()
  endpoint.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  // The SDKs send `{}` with their GETs, and sign it.
  endpoint.addHttpMethod('GET', { hasBody: true, overrideExisting: true })

  endpoint.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })

  endpoint.get('/healthz', () => ({ status: 'ok' }))

  endpoint.get('/readyz', async (_request, reply) => {
    const ready = await isReady()
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'no database' })
  })

  addVersions(endpoint)
  addReference(endpoint, options.endpointUrl)
  addIam(endpoint, options)
  for (const operation of operations) addOperation(endpoint, options, operation)
  refuseOtherMethods(endpoint)

  endpoint.setNotFoundHandler((request, reply) => {
    const message = `No such path: ${request.method} ${pathOf(request.url)}`
    return giveAnswer(reply, errorAnswer(new KmsError('pathNotFound', { message }), request.id))
  })

  endpoint.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status === 413) return giveAnswer(reply, errorAnswer(new KmsError('bodyTooLong'), request.id))
    if (status < 500) return giveAnswer(reply, errorAnswer(new KmsError('requestInvalid'), request.id))
    request.log.error(error)
    return giveAnswer(reply, unexpectedAnswer(request.id))
  })

  return endpoint
}

function addOperation(endpoint: FastifyInstance, services: Services, operation: Operation): void {
  endpoint.route({
    method: operation.method,
    url: routeOf(operation.path),
    handler: async (request, reply) => {
      const report = (error: unknown): void => request.log.error(error)
      const answer = await answerOperation(services, operation, receivedRequest(request), report)
      return giveAnswer(reply, answer)
    },
  })
}

/** `{name}` in the router's words; a last `{key}` may hold slashes, which one of the SDKs does not encode. */
function routeOf(path: string): string {
  return path.replace(/\/\{key\}$/, '/*').replaceAll(/\{(\w+)\}/g, ':$1')
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** A path that exists, called by another method, is told from one that does not. */
function refuseOtherMethods(endpoint: FastifyInstance): void {
  const allowed = new Map<string, Set<string>>()
  for (const { path, method } of operations) {
    const url = routeOf(path)
    allowed.set(url, (allowed.get(url) ?? new Set()).add(method))
  }
  for (const [url, used] of allowed) {
    endpoint.route({
      method: methods.filter((method) => !used.has(method)),
      url,
      handler: (request, reply) =>
        giveAnswer(reply, errorAnswer(new KmsError('methodNotSupported'), request.id)),
    })
  }
}

/** What Node could not read as HTTP, or did not get in time: answered in the form of the API, and cut. */
function refuseUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const requestId = newRequestId()
  const { body } = errorAnswer(new KmsError('requestInvalid'), requestId)
  const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request'
  const head = [
    `HTTP/1.1 ${status}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** Without the query string, which may hold what a caller would not want to see repeated. */
const pathOf = (url: string): string => url.split('?', 1)[0] ?? url
