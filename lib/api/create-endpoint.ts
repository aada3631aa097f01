import { type FastifyInstance, fastify } from 'fastify'
import { errorBody } from './error-body.ts'

export type EndpointOptions = {
  /** Whether a request could be served now: the database answers. */
  isReady: () => Promise<boolean>
  /** Whether to log to standard output; tests do not. */
  log: boolean
}

/**
 * The REST endpoint for services and SDKs. Closing it takes no new requests and lets those under way finish.
 *
 * `GET /healthz` answers 200 while the process runs; `GET /readyz` 200 while the database answers, else 503. Neither
 * needs a signature. Every error has the body of {@link errorBody} (Huawei KMS, status and error codes).
 */
export function createEndpoint({ isReady, log }: EndpointOptions): FastifyInstance {
  const endpoint = fastify({
    logger: log && { level: 'warn' },
    // A tag key of 36 CJK characters is 324 characters once encoded in a path.
    routerOptions: { maxParamLength: 1024 },
    // Idle keep-alive connections do not hold up a stop.
    forceCloseConnections: 'idle',
    return503OnClosing: true,
  })

  endpoint.get('/healthz', () => ({ status: 'ok' }))

  endpoint.get('/readyz', async (_request, reply) => {
    const ready = await isReady()
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'no database' })
  })

  endpoint.setNotFoundHandler((request, reply) =>
    reply.code(404).send(errorBody('KMS.0201', `No such path: ${request.method} ${pathOf(request.url)}`)),
  )

  endpoint.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status < 500) return reply.code(status).send(errorBody('KMS.0308', error.message))
    request.log.error(error)
    return reply.code(500).send(errorBody('KMS.0101', `Something went wrong (request ${request.id}).`))
  })

  return endpoint
}

/** Without the query string, which may hold what a caller would not want to see repeated. */
const pathOf = (url: string): string => url.split('?', 1)[0] ?? url
