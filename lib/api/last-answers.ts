import type { FastifyInstance } from 'fastify'

/** A connection that somebody keeps open all the same is cut this soon, in milliseconds. */
const patienceMilliseconds = 1

/**
 * From the moment on at which the endpoint is told to close, every answer says that it is the last on its connection.
 * A connection that was busy then is not among the idle ones that closing ends, and would be kept open after its answer
 * for as long as the client likes; and a client that is told does not send what nobody would read.
 *
 * @param requestMilliseconds how long a whole request may take to be sent. Node looks at that no more once the server
 *   closes: a client that has sent half of one and then nothing would keep the endpoint from ever closing, so what is left
 *   after that time is cut
 */
export function endConnectionsOnClose(endpoint: FastifyInstance, requestMilliseconds: number): void {
  let closing = false
  endpoint.addHook('preClose', (done) => {
    closing = true
    endpoint.server.keepAliveTimeout = patienceMilliseconds
    setTimeout(() => endpoint.server.closeAllConnections(), requestMilliseconds).unref()
    done()
  })
  // With a callback: a promise for every answer would cost more than all that is done here.
  endpoint.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close')
    done(null, payload)
  })
}
