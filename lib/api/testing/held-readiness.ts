import type { FastifyInstance } from 'fastify'
import type { Database } from '#lib/db/client.ts'
import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import { RootKey } from '#lib/kms/root-key/root-key.ts'
import { createEndpoint } from '../create-endpoint.ts'

/** An endpoint with a request that takes as long as a test likes: `GET /readyz` is answered once `release` was called. */
export function endpointWithHeldReadiness(): {
  endpoint: FastifyInstance
  /** Resolves when somebody has asked. */
  asked: Promise<void>
  release: () => void
} {
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<{ status: 'ready'; warnings: [] }>()
  const endpoint = createEndpoint({
    db: {} as Database,
    rootKey: new RootKey(KeyMaterial.random(32)),
    readiness: () => {
      asked.resolve()
      return answer.promise
    },
    endpointUrl: 'http://kms.test',
    log: null,
  })
  return { endpoint, asked: asked.promise, release: () => answer.resolve({ status: 'ready', warnings: [] }) }
}
