import type { FastifyInstance } from 'fastify'
import { openApiDocument } from './open-api.ts'
import { referencePage } from './reference-page.ts'

/** What the API is, for programs (`/openapi.json`) and people (`/docs`); no signature is needed. */
export function addReference(endpoint: FastifyInstance, endpointUrl: string): void {
  const document = openApiDocument(endpointUrl)
  const page = referencePage(document)
  endpoint.get('/openapi.json', () => document)
  endpoint.get('/docs', (_request, reply) =>
    reply
      .headers({
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
      .type('text/html; charset=utf-8')
      .send(page),
  )
}
