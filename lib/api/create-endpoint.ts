import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import type { Logger } from 'pino'
import { newRequestId } from '#lib/auth/request-id.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { answerOperation, type Services } from './answer-operation.ts'
import { type Answer, errorAnswer, unexpectedAnswer } from './error-body.ts'
import { addHealth, type Readiness } from './health.ts'
import { addIam } from './iam.ts'
import { endConnectionsOnClose } from './last-answers.ts'
import type { EndpointMetrics } from './metrics.ts'
import { addMetrics } from './metrics-route.ts'
import { Observer } from './observer.ts'
import type { Operation } from './operation.ts'
import { operations } from './operations/index.ts'
import { addReference } from './reference.ts'
import { addressOf, giveAnswer, originOf, receivedRequest } from './requests.ts'
import { endOfReading } from './turn.ts'
import { type Gate, turnAway } from './turn-away.ts'
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

/** What an endpoint is made of; what is absent is not done. */
export type EndpointOptions = Services & {
  /** Whether requests could be served now, for `/readyz`; it never rejects. */
  readiness: () => Promise<Readiness>
  /** Where programs reach this endpoint, such as `https://kms.example.com`; told in the catalog and in `/openapi.json`. */
  endpointUrl: string
  /** Told of faults, refusals and changes of readiness (docs/metrics.md). Null: nothing is logged. */
  log: Logger | null
  /** Counts what passes; absent: nobody does, and there is no `/metrics`. */
  metrics?: EndpointMetrics
  /** What `/metrics` answers in the format of Prometheus; absent: the numbers of `metrics`, of this process alone. */
  metricsText?: () => Promise<string>
  /** Opens `/metrics` and the warnings of `/readyz` to others than programs on this machine (`mayObserve`). */
  metricsToken?: string
  /** Turns calls away when there is too much to do, with 503 and `Retry-After`; absent: nobody is. */
  admission?: Gate
  /** Tests only: shorter than a person would wait. Else 10 s for headers, 20 s for a request, 60 s idle. */
  timeouts?: ClientTimeouts
}

/** The largest body of a request, in bytes; the largest that any call needs is about half of it. */
export const bodyBytesMax = 65_536

const defaultTimeouts: ClientTimeouts = { headers: 10_000, request: 20_000, idle: 60_000, checkEvery: 1_000 }

/**
 * The REST endpoint for services and SDKs. Closing it takes no new connections and lets requests under way finish.
 *
 * `/healthz`, `/readyz` and `/metrics` need no signature (`addHealth`, `addMetrics`). Every error has the form of
 * `errorAnswer` (Huawei KMS, status and error codes), also for what is not HTTP or not a route; every answer carries
 * `X-Request-Id`.
 */
export function createEndpoint(options: EndpointOptions): FastifyInstance {
  const { metrics, metricsToken, timeouts = defaultTimeouts } = options
  const observer = new Observer(options.log, metrics ?? null)
  const refuse: Refuse = (request, reply, answer) => {
    observer.refused(answer, originOf(request))
    return giveAnswer(reply, answer)
  }
  const endpoint = fastify({
    // What there is to say is said by the observer; Fastify's own log would make a logger for every request.
    logger: false,
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
    clientErrorHandler: (error, socket) => refuseUnreadable(error, socket, observer),
    frameworkErrors: (_error, request, reply) => {
      // No hook has run: the address could not be read.
      reply.header('x-request-id', request.id)
      void refuse(request, reply, errorAnswer(new KmsError('pathNotFound'), request.id))
    },
  })

  // Node answers an expectation it does not know with 417 and no body.
  endpoint.server.on('checkExpectation', ({ socket }: IncomingMessage) =>
    refuseUnreadable(new Error('Expect'), socket, observer),
  )

  // The body is kept as it came: its hash is part of the signature, and it is parsed only once that holds.
  endpoint.removeAllContentTypeParsers()
  // JSON is named although every type is read alike: only named types are looked up without being parsed each time.
  endpoint.addContentTypeParser(['application/json', '*'], { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )

  // The SDKs send `{}` with their GETs, and sign it.
  endpoint.addHttpMethod('GET', { hasBody: true, overrideExisting: true })

  endpoint.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })

  endConnectionsOnClose(endpoint, timeouts.request)
  addHealth(endpoint, { readiness: options.readiness, metricsToken, log: options.log })
  if (metrics) {
    addMetrics(endpoint, { text: options.metricsText ?? (() => metrics.text()), metricsToken })
  }
  addVersions(endpoint)
  addReference(endpoint, options.endpointUrl)
  addIam(endpoint, options, observer)
  for (const operation of operations) addOperation(endpoint, options, operation, observer)
  refuseOtherMethods(endpoint, refuse)

  endpoint.setNotFoundHandler((request, reply) => {
    const message = `No such path: ${request.method} ${pathOf(request.url)}`
    return refuse(request, reply, errorAnswer(new KmsError('pathNotFound', { message }), request.id))
  })

  endpoint.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status === 413) return refuse(request, reply, errorAnswer(new KmsError('bodyTooLong'), request.id))
    if (status < 500) return refuse(request, reply, errorAnswer(new KmsError('requestInvalid'), request.id))
    observer.failed(error, originOf(request))
    return refuse(request, reply, unexpectedAnswer(request.id))
  })

  return endpoint
}

type Refuse = (request: FastifyRequest, reply: FastifyReply, answer: Answer) => FastifyReply

function addOperation(
  endpoint: FastifyInstance,
  services: Services & { admission?: Gate },
  operation: Operation,
  observer: Observer,
): void {
  const { admission } = services
  const isTurnedAway = (): boolean => admission?.admits(operation) === false
  const told = { observer, operationId: operation.id }
  endpoint.route({
    method: operation.method,
    url: routeOf(operation.path),
    // Before the body is read, so that turning somebody away costs a fraction of serving them.
    onRequest: (request, reply, done) => {
      if (operation.writes || !isTurnedAway()) done()
      else void turnAway(request, reply, told)
    },
    handler: async (request, reply) => {
      const received = receivedRequest(request)
      // A change counts from when it is let in: asked for sooner, it would count while its body is on its way.
      if (operation.writes && isTurnedAway()) return turnAway(request, reply, told)
      const call = observer.begun(operation.id, received)
      await endOfReading()
      admission?.begun(operation)
      const answer = await answerOperation(services, operation, received, call).finally(() =>
        admission?.ended(operation),
      )
      call.ended(answer)
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
function refuseOtherMethods(endpoint: FastifyInstance, refuse: Refuse): void {
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
        refuse(request, reply, errorAnswer(new KmsError('methodNotSupported'), request.id)),
    })
  }
}

/** What Node could not read as HTTP, or did not get in time: answered in the form of the API, and cut. */
function refuseUnreadable(error: Error & { code?: string }, socket: Socket, observer: Observer): void {
  // What follows on the heels of a request that is not answered yet would be answered in its place, and a Disable be told
  // as refused. A lost connection says that nobody knows.
  const { _httpMessage: unanswered } = socket as Socket & { _httpMessage?: ServerResponse | null }
  if (!socket.writable || error.code === 'ECONNRESET' || unanswered?.req.complete) {
    socket.destroy()
    return
  }
  const requestId = newRequestId()
  const timedOut = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
  const { body } = errorAnswer(new KmsError('requestInvalid'), requestId)
  observer.refused({ status: timedOut ? 408 : 400, body }, { requestId, sourceAddress: addressOf(socket) })
  const head = [
    `HTTP/1.1 ${timedOut ? '408 Request Timeout' : '400 Bad Request'}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** Without the query string, which may hold what a caller would not want to see repeated. */
const pathOf = (url: string): string => url.split('?', 1)[0] ?? url
