import type { FastifyInstance } from 'fastify'

const versions = [
  {
    id: 'v1.0',
    links: [{ href: '/v1.0/', rel: 'self' }],
    version: '',
    status: 'CURRENT',
    updated: '2016-10-29T00:00:00Z',
    min_version: '',
  },
]

/** What versions of the API there are (Huawei KMS, query API versions); no signature is needed. */
export function addVersions(endpoint: FastifyInstance): void {
  endpoint.get('/', () => ({ versions }))
  endpoint.get<{ Params: { version_id: string } }>('/:version_id', (request, reply) => {
    const version = versions.find(({ id }) => id === request.params.version_id)
    if (version) return reply.send({ version })
    return reply.callNotFound()
  })
}
