import type { FastifyInstance } from 'fastify'
import { mayObserve } from './metrics-access.ts'

/**
 * `GET /metrics` in the text format of Prometheus for whoever may see it (`mayObserve`). Everybody else gets the answer
 * of a path that does not exist: there is nothing for them to try, and nothing to learn from being refused.
 */
export function addMetrics(
  endpoint: FastifyInstance,
  { text, metricsToken }: { text: () => Promise<string>; metricsToken: string | undefined },
): void {
  endpoint.get('/metrics', async (request, reply) => {
    const asker = { address: request.socket.remoteAddress, headers: request.headers }
    if (!mayObserve(asker, metricsToken)) return reply.callNotFound()
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(await text())
  })
}
