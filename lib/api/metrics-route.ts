import type { FastifyInstance } from 'fastify'
import { KmsError } from '#lib/kms/model/errors.ts'
import { errorAnswer } from './error-body.ts'
import { mayObserve } from './metrics-access.ts'
import { giveAnswer } from './requests.ts'

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
    if (!mayObserve(asker, metricsToken)) {
      const message = 'No such path: GET /metrics'
      return giveAnswer(reply, errorAnswer(new KmsError('pathNotFound', { message }), request.id))
    }
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(await text())
  })
}
